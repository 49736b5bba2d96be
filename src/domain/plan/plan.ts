import type { JsonObject } from '../json.js';
import type { RiskLevel } from '../risk/risk-level.js';
import type { RetryPolicy } from '../tool/retry-policy.js';
import type { ToolEffect, ToolManifest, UndoDeclaration } from '../tool/tool-manifest.js';

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
  /** It goes on where a step that it depends on was skipped: it is to come after that one, and needs nothing of it. */
  readonly toleratesSkips?: boolean;
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
  /** How a call that succeeded is undone. */
  readonly undo?: UndoDeclaration;
  readonly toleratesSkips?: boolean;
}

/** What a step takes over from its tool's manifest. */
export type ToolOfStep = Pick<PlannedStep, 'toolVersion' | 'riskLevel' | 'effect' | 'timeoutMs' | 'retry' | 'undo'>;

export const toolOfStep = ({ version, riskLevel, effect, timeoutMs, retry, undo }: ToolManifest): ToolOfStep => ({
  toolVersion: version,
  riskLevel,
  effect,
  timeoutMs,
  retry,
  ...(undo && { undo }),
});
