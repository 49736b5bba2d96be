import type { Json, JsonObject } from '../json.js';
import type { PlannedStep, ToolOfStep } from '../plan/plan.js';
import type { ApprovalThreshold } from '../risk/approval-policy.js';
import type { Reused } from './decisions/plan-parts.js';
import type { ByHand, Compensated, EventParked, Forked, OfOccurrence, StepError } from './events/workflow-events.js';
import type { ApprovalVerdict, FailurePolicy, Priority, ToolLack } from './lifecycle.js';

/** What can be asked of a run. A command that was carried out before decides nothing the second time. */
export interface WorkflowCommandData {
  readonly SubmitIntent: {
    readonly userId: number;
    readonly intent: string;
    readonly approvalFrom: ApprovalThreshold;
    /** Where the person is: an IANA name. */
    readonly timeZone: string;
    /** A validated plan, when the submission brings its own. */
    readonly steps?: readonly PlannedStep[];
    /** `wait` where it is absent. */
    readonly onFailure?: FailurePolicy;
    /** `normal` where it is absent. */
    readonly priority?: Priority;
    /** The run whose steps these are, and what of it is not run again. */
    readonly rerun?: Reused;
    /** The run whose effects this one undoes. */
    readonly compensates?: Compensated;
    /** The run that this one copies as a shadow, and what of it has been done by then. */
    readonly fork?: Forked & { readonly outputs: Reused['outputs'] };
    readonly schedule?: OfOccurrence;
    /** ISO 8601 UTC. */
    readonly startAt?: string;
    readonly deadline?: string;
    /** Unique over all stores. */
    readonly keyPrefix: string;
  };
  /** The planner's answer: a validated plan, … */
  readonly RecordPlan: { readonly planner: string; readonly steps: readonly PlannedStep[] };
  /** … or why there is none. */
  readonly RecordPlanFailure: { readonly code: string; readonly reason: string };
  /** Deals with a bounded number of queued steps. Repeat it until it decides nothing. */
  readonly ScheduleReadySteps: {
    /** Ids for the approval requests that will be needed, by step id; a step without one is left for the next time. */
    readonly approvalIds: ReadonlyMap<number, number>;
  };
  readonly StartStep: { readonly stepId: number; readonly attempt: number; readonly worker: string };
  /** The node that was to start the attempt cannot call its tool. */
  readonly WaitForTool: { readonly stepId: number; readonly attempt: number; readonly because: ToolLack };
  /** A node that has the tool for which the attempt waits. */
  readonly OfferTool: { readonly stepId: number; readonly attempt: number };
  readonly RecordStepSuccess: { readonly stepId: number; readonly attempt: number; readonly worker: string; readonly output: Json };
  readonly RecordStepFailure: { readonly stepId: number; readonly attempt: number; readonly worker: string; readonly error: StepError };
  /** The attempt's worker came with its outcome when it did not count any more. */
  readonly RefuseStepResult: {
    readonly stepId: number;
    readonly attempt: number;
    readonly worker: string;
    readonly result: { readonly output: Json } | { readonly error: StepError };
  };
  readonly RetryStep: { readonly stepId: number; readonly attempt: number };
  /** Nobody has decided about a request for a while. */
  readonly RemindApproval: { readonly approvalId: number; readonly stepId: number; readonly reminder: number };
  readonly DecideApproval: {
    readonly approvalId: number;
    readonly stepId: number;
    readonly verdict: ApprovalVerdict;
    readonly decidedBy: number;
    readonly argsHash?: string;
    readonly reason?: string;
  };
  /** `compensate`: what its steps have done is to be undone. */
  readonly CancelWorkflow: { readonly reason: string; readonly cancelledBy?: number; readonly compensate?: boolean };
  readonly GiveUpWorkflow: { readonly reason: string; readonly decidedBy?: number };
  /** The time to start a run has come. */
  readonly ReachStartTime: Readonly<Record<string, never>>;
  /** The time by which a run was to be finished has passed. */
  readonly MissDeadline: Readonly<Record<string, never>>;
  /** Ends a run whose attempts in flight had their time to end. */
  readonly EndStopping: Readonly<Record<string, never>>;
  /** A handler has given up on an event of the run. */
  readonly ParkEvent: Omit<EventParked, 'workflowId' | 'at'>;
  readonly SettleParkedEvent: ByHand & Pick<EventParked, 'handler' | 'revision'> & { readonly outcome: 'replayed' | 'dropped' };
  readonly MakeReadyAgain: { readonly stepId: number; readonly attempt: number };
  readonly PauseWorkflow: ByHand;
  readonly ResumeWorkflow: ByHand;
  /** Dead letters: what a person does about a step that was put aside. */
  readonly RetryDeadLetter: ByHand & {
    readonly stepId: number;
    /** Complete arguments in place of those that it has. */
    readonly args?: JsonObject;
    /** The same request has the same one, whatever has become of the step since. */
    readonly requestKey?: string;
    /** What the step's tool says of itself now. */
    readonly tool: ToolOfStep;
  };
  readonly SkipDeadLetter: ByHand & { readonly stepId: number };
  readonly CompleteDeadLetter: ByHand & { readonly stepId: number; readonly output: Json };
}

export type WorkflowCommandType = keyof WorkflowCommandData;

export type WorkflowCommand<T extends WorkflowCommandType = WorkflowCommandType> = {
  readonly [K in T]: { readonly type: K; readonly data: WorkflowCommandData[K] };
}[T];

/** What a decision needs from outside: the domain has no clock, no randomness and no hash function of its own. */
export interface DecisionContext {
  /** ISO 8601, UTC. */
  readonly now: string;
  /** A number in [0, 1). */
  random(): number;
  /** SHA-256 (hex) of a value's canonical JSON. */
  fingerprint(value: Json): string;
}
