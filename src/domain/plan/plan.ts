import type { JsonObject } from '../json.js';
import type { RiskLevel } from '../risk/risk-level.js';
import type { RetryPolicy } from '../tool/retry-policy.js';
import type { ToolEffect } from '../tool/tool-manifest.js';

/** Bounds of a plan. */
export const MAX_PLAN_STEPS = 10_000;
export const MAX_PLAN_DEPENDENCIES = 100_000;

/**
 * One step as a person, a planner or a model writes it. `args` may hold references to outputs of other steps, anywhere:
 * `{"$from": "<step key>", "path": "/json/pointer"}`. A reference is a dependency, whether `dependsOn` names it or not. Keys are compared and recorded in Unicode's form NFC.
 */
export interface PlanStep {
  readonly key: string;
  readonly name: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** Keys of steps that must succeed first. */
  readonly dependsOn: readonly string[];
  /** May raise the tool's risk level, never lower it. */
  readonly riskLevel?: RiskLevel;
}

/** A directed acyclic graph of steps. */
export interface Plan {
  readonly steps: readonly PlanStep[];
}

/** A step of a validated plan, with what its tool's manifest said at that moment: later steps never ask the registry again. */
export interface PlannedStep {
  /** 1-based place in the plan, unique within the run. */
  readonly stepId: number;
  readonly key: string;
  readonly name: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly args: JsonObject;
  readonly dependsOn: readonly string[];
  readonly riskLevel: RiskLevel;
  readonly effect: ToolEffect;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
}
