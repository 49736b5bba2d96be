import type { Json, JsonObject } from '../../json.js';
import type { PlannedStep } from '../../plan/plan.js';
import type { ApprovalThreshold } from '../../risk/approval-policy.js';
import type { RiskLevel } from '../../risk/risk-level.js';

/** What every event of a run carries: the run, and when it happened (ISO 8601, UTC). */
interface OfRun {
  readonly workflowId: number;
  readonly at: string;
}

interface OfStep extends OfRun {
  readonly stepId: number;
  /** The step's name, so that a reader of one event can say what it is about. */
  readonly name: string;
}

interface OfAttempt extends OfStep {
  /** 1-based. */
  readonly attempt: number;
}

/** Why an attempt failed. `code` is a stable word for programs, `message` a sentence for people. */
export interface StepError {
  readonly code: string;
  readonly message: string;
  /** False: another attempt with the same arguments cannot succeed. */
  readonly retryable: boolean;
}

export interface WorkflowSubmitted extends OfRun {
  readonly userId: number;
  readonly intent: string;
  readonly approvalFrom: ApprovalThreshold;
  /** An IANA name; absent in events written before submissions had one. */
  readonly timeZone?: string;
  /** True when the submission brought its own plan, so that no planner is asked. */
  readonly planGiven: boolean;
}

/** A part of a plan that is too large for one append. Counts only once `WorkflowPlanned` seals it; `offset` 0 starts afresh. */
export interface PlanPartRecorded extends OfRun {
  readonly offset: number;
  readonly steps: readonly PlannedStep[];
}

/** The plan is whole: the steps here follow those of the parts recorded before (for most plans none). */
export interface WorkflowPlanned extends OfRun {
  readonly planner: string;
  readonly offset: number;
  readonly steps: readonly PlannedStep[];
  readonly stepCount: number;
}

/** The run is given up: its intent could not be planned. Final. */
export interface WorkflowFailed extends OfRun {
  readonly code: string;
  readonly reason: string;
}

/** The step may run: dependencies succeeded, approval (if needed) granted. `args` are resolved; `argsHash` is SHA-256 (hex) of their canonical JSON. */
export interface StepReady extends OfAttempt {
  readonly tool: string;
  readonly args: JsonObject;
  readonly argsHash: string;
}

export interface StepStarted extends OfAttempt {
  readonly tool: string;
  /** The process that runs the attempt. */
  readonly worker: string;
}

export interface StepSucceeded extends OfAttempt {
  readonly output: Json;
}

export interface StepFailed extends OfAttempt {
  readonly error: StepError;
}

export interface StepRetryScheduled extends OfAttempt {
  /** `attempt` (the next one) becomes ready at this time, ISO 8601 UTC. */
  readonly dueAt: string;
}

/** The step waits for a person; the same append holds its `ApprovalRequested`. */
export interface StepBlocked extends OfStep {
  readonly reason: string;
}

export interface ApprovalRequested extends OfStep {
  readonly approvalId: number;
  readonly tool: string;
  readonly toolVersion: string;
  readonly riskLevel: RiskLevel;
  readonly reason: string;
  readonly args: JsonObject;
  readonly argsHash: string;
}

export interface ApprovalGranted extends OfStep {
  readonly approvalId: number;
  readonly decidedBy: number;
  /** Hash of the arguments agreed to. */
  readonly argsHash: string;
  readonly reason?: string;
}

export interface ApprovalRejected extends OfStep {
  readonly approvalId: number;
  readonly decidedBy: number;
  readonly reason?: string;
}

export interface StepSkipped extends OfStep {
  readonly reason: string;
}

/** Attempts are exhausted, or another one is pointless or unsafe: the step waits for a person. */
export interface StepDeadLettered extends OfStep {
  readonly tool: string;
  readonly attempts: number;
  readonly args: JsonObject;
  readonly error: StepError;
}

/** Every step that is not yet final is CANCELLED with the run, and its open approval requests are void. Final. */
export interface WorkflowCancelled extends OfRun {
  readonly reason: string;
  readonly cancelledBy?: number;
}

/** Every step succeeded or was skipped. Final. */
export interface WorkflowCompleted extends OfRun {
  readonly succeeded: number;
  readonly skipped: number;
}

/** Event types and their data. The names are stored for ever: never rename one. */
export interface WorkflowEventData {
  readonly WorkflowSubmitted: WorkflowSubmitted;
  readonly PlanPartRecorded: PlanPartRecorded;
  readonly WorkflowPlanned: WorkflowPlanned;
  readonly WorkflowFailed: WorkflowFailed;
  readonly StepReady: StepReady;
  readonly StepStarted: StepStarted;
  readonly StepSucceeded: StepSucceeded;
  readonly StepFailed: StepFailed;
  readonly StepRetryScheduled: StepRetryScheduled;
  readonly StepBlocked: StepBlocked;
  readonly ApprovalRequested: ApprovalRequested;
  readonly ApprovalGranted: ApprovalGranted;
  readonly ApprovalRejected: ApprovalRejected;
  readonly StepSkipped: StepSkipped;
  readonly StepDeadLettered: StepDeadLettered;
  readonly WorkflowCancelled: WorkflowCancelled;
  readonly WorkflowCompleted: WorkflowCompleted;
}

export type WorkflowEventType = keyof WorkflowEventData;

/** A fact about one run, discriminated by `type`. */
export type WorkflowEvent<T extends WorkflowEventType = WorkflowEventType> = {
  readonly [K in T]: { readonly type: K; readonly data: WorkflowEventData[K] };
}[T];

/** One entry for each type: one that is forgotten does not compile. */
const EVERY_TYPE: Readonly<Record<WorkflowEventType, true>> = {
  WorkflowSubmitted: true,
  PlanPartRecorded: true,
  WorkflowPlanned: true,
  WorkflowFailed: true,
  StepReady: true,
  StepStarted: true,
  StepSucceeded: true,
  StepFailed: true,
  StepRetryScheduled: true,
  StepBlocked: true,
  ApprovalRequested: true,
  ApprovalGranted: true,
  ApprovalRejected: true,
  StepSkipped: true,
  StepDeadLettered: true,
  WorkflowCancelled: true,
  WorkflowCompleted: true,
};

export const WORKFLOW_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly WorkflowEventType[];

/** After one of these a run records nothing more. */
export const FINAL_EVENT_TYPES = [
  'WorkflowFailed',
  'WorkflowCancelled',
  'WorkflowCompleted',
] as const satisfies readonly WorkflowEventType[];

export const isFinalEventType = (type: string): boolean => (FINAL_EVENT_TYPES as readonly string[]).includes(type);
