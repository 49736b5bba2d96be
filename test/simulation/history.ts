import type { JsonObject } from '../../src/domain/json.js';
import type { FailurePolicy } from '../../src/domain/workflow/lifecycle.js';
import type { PlanStep } from '../../src/domain/plan/plan.js';
import type { StoredEvent } from './simulated-log.js';

/** A call as the tool saw it. `began`, `answered` and `left` are acts of the simulation, which have an order. */
export interface CallRecord {
  readonly worker: string;
  readonly tool: string;
  readonly version: string;
  readonly args: JsonObject;
  readonly key: string;
  readonly attempt: number;
  readonly began: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The engine had its outcome. */
  answered: number;
  /** The tool had ended, perhaps long after that. */
  left: number;
}

/** What was done to the world. */
export interface EffectRecord {
  readonly tool: string;
  readonly key: string;
  readonly args: JsonObject;
  readonly attempt: number;
  readonly step: number;
}

/** What a person asked for, and what they were told. */
export interface Order {
  /** Its name is the reason that the engine records, where it records one. */
  readonly name: string;
  readonly kind: string;
  readonly workflowId?: number;
  readonly approvalId?: number;
  readonly stepId?: number;
  /** Acts of the simulation at which an answer came, with what it was. */
  readonly answers: { readonly step: number; readonly sent: number; readonly result: unknown; readonly refusal?: string }[];
}

/** A plan as a person submitted it. */
export interface SubmittedPlan {
  readonly intent: string;
  readonly steps: readonly PlanStep[];
  readonly onFailure: FailurePolicy;
  readonly approvalFrom: 'L2' | 'L3';
  readonly startAt?: string;
}

/** All that can be seen of a run of the simulation from outside. */
export interface History {
  readonly seed: number;
  readonly events: readonly StoredEvent[];
  readonly calls: readonly CallRecord[];
  readonly effects: readonly EffectRecord[];
  readonly orders: readonly Order[];
  readonly plans: ReadonlyMap<string, SubmittedPlan>;
  /** Attempts that one worker runs at once at most. */
  readonly concurrency: number;
  /** How long a worker's lease lasts, in milliseconds. */
  readonly leaseMs: number;
  /** Events that were there when faults had ended and all that could go on by itself had. */
  readonly whenStill: number;
}
