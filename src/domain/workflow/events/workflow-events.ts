import type { Json, JsonObject } from '../../json.js';
import type { PlannedStep } from '../../plan/plan.js';
import type { ApprovalThreshold } from '../../risk/approval-policy.js';
import type { RiskLevel } from '../../risk/risk-level.js';
import type { UndoDeclaration } from '../../tool/tool-manifest.js';
import type { ApprovalVerdict, EffectCertainty, FailurePolicy, Priority, SkipCause, ToolLack } from '../lifecycle.js';

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

/** What a person did about a step or a run, and why. */
export interface ByHand {
  readonly decidedBy?: number;
  readonly reason?: string;
}

/** Why an attempt failed. `code` is a stable word for programs, `message` a sentence for people. */
export interface StepError {
  readonly code: string;
  readonly message: string;
  /** False: another attempt with the same arguments cannot succeed. */
  readonly retryable: boolean;
  /** Whether the attempt had its effect on the world all the same. Events of older versions do not say; they are read by what their codes meant. */
  readonly effect: EffectCertainty;
  /** How long the tool asks to be left alone before another attempt, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The occurrence of a schedule for which a run was submitted. */
export interface OfOccurrence {
  readonly scheduleId: number;
  /** ISO 8601 UTC. Absent where a person had it run at another time. */
  readonly scheduledFor?: string;
}

/** The run that a shadow run copies. A shadow run calls no tool: its steps record what they would have done. */
export interface Forked extends ByHand {
  readonly workflowId: number;
  /** The last event of that run that the copy knows. */
  readonly revision: number;
  /** What becomes of steps that would wait for a person, by their keys; absent ones are approved. */
  readonly decisions: Readonly<Record<string, ApprovalVerdict>>;
  /** Keys of the steps that have other arguments. */
  readonly edited: readonly string[];
}

export interface WorkflowSubmitted extends OfRun {
  readonly userId: number;
  readonly intent: string;
  readonly approvalFrom: ApprovalThreshold;
  /** An IANA name; absent in events written before submissions had one. */
  readonly timeZone?: string;
  /** True when the submission brought its own plan, so that no planner is asked. */
  readonly planGiven: boolean;
  /** Absent: `wait`. */
  readonly onFailure?: FailurePolicy;
  /** Absent: `normal`. */
  readonly priority?: Priority;
  /** The run that this one runs again, or parts of it, … */
  readonly rerunOf?: number;
  /** … and who wanted that, and why. */
  readonly rerunBy?: ByHand;
  /** The run whose effects this one undoes. */
  readonly compensates?: Compensated;
  /** The run that this one copies as a shadow. */
  readonly fork?: Forked;
  /** The schedule that submitted it. */
  readonly schedule?: OfOccurrence;
  /** Nothing starts before, ISO 8601 UTC. Absent: at once. */
  readonly startAt?: string;
  /** A run that is not finished by then fails, ISO 8601 UTC. Absent: it may take as long as it takes. */
  readonly deadline?: string;
  /** What the idempotency keys of the run's steps begin with, unique over all stores. Absent in events of older versions, whose keys have the run's id. */
  readonly keyPrefix?: string;
}

/** A step of a run that is run again, which counts as succeeded there with the output that it had before. Counts only once `WorkflowPlanned` names it. */
export interface StepOutputReused extends OfStep {
  readonly step: PlannedStep;
  readonly output: Json;
}

/** A part of a plan that is too large for one append. Counts only once `WorkflowPlanned` seals it; `offset` 0 starts afresh. */
export interface PlanPartRecorded extends OfRun {
  readonly offset: number;
  readonly steps: readonly PlannedStep[];
}

/** The time to start has come: steps may be made ready. */
export type StartTimeReached = OfRun;

/** The plan is whole: the steps here follow those of the parts recorded before (for most plans none). */
export interface WorkflowPlanned extends OfRun {
  readonly planner: string;
  readonly offset: number;
  readonly steps: readonly PlannedStep[];
  readonly stepCount: number;
  /** Steps that are not run again, with the run that their outputs are from. */
  readonly reused?: { readonly workflowId: number; readonly stepIds: readonly number[] };
}

/** The run is given up: its intent could not be planned, a step failed that it cannot do without, or a person said so. Steps that are not settled are CANCELLED. Final. */
export interface WorkflowFailed extends OfRun {
  readonly code: string;
  readonly reason: string;
  readonly decidedBy?: number;
}

/** The step may run: dependencies succeeded, approval (if needed) granted. `args` are resolved; `argsHash` is SHA-256 (hex) of their canonical JSON. */
export interface StepReady extends OfAttempt {
  readonly tool: string;
  /** The one that was planned, and approved where that was needed. Absent in events of older versions: the plan has it. */
  readonly toolVersion?: string;
  readonly args: JsonObject;
  readonly argsHash: string;
}

export interface StepStarted extends OfAttempt {
  readonly tool: string;
  readonly toolVersion?: string;
  /** With which the tool is called. Absent in events of older versions. */
  readonly idempotencyKey?: string;
  /** The process that runs the attempt. */
  readonly worker: string;
  /** In a shadow run: the tool is not called. */
  readonly shadow?: true;
}

export interface StepSucceeded extends OfAttempt {
  readonly output: Json;
  /** In a shadow run: the tool was not called, the output is assumed. */
  readonly shadow?: true;
  /** A person said that it is done, and with what output; the attempt is the last that was made. */
  readonly byHand?: ByHand;
}

export interface StepFailed extends OfAttempt {
  readonly error: StepError;
}

/** What a worker says of an attempt that has another outcome already, or of a run that has ended: it changes nothing, but people can learn what the tool did. */
export interface StepResultRefused extends OfAttempt {
  readonly worker: string;
  readonly outcome: 'succeeded' | 'failed';
  /** Of a success. */
  readonly output?: Json;
  /** Of a failure. */
  readonly error?: StepError;
  /** The run had ended: nothing else comes after its final event. */
  readonly afterEnd?: true;
}

export interface StepRetryScheduled extends OfAttempt {
  /** `attempt` (the next one) becomes ready at this time, ISO 8601 UTC. */
  readonly dueAt: string;
}

/**
 * The tool could not be called where the attempt came to be started: that node has none of this name and version, the tool is paused on all of them, or it has had as many calls as
 * may be for now. The step waits for a node that can, or for a person.
 */
export interface StepWaitsForTool extends OfAttempt {
  readonly tool: string;
  readonly toolVersion: string;
  readonly because: ToolLack;
  /** Whose run it is, and how urgent (absent: `normal`): who comes first where there is room again. Absent in events of older versions. */
  readonly userId?: number;
  readonly priority?: Priority;
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

/** Nobody has decided about the request for a while. */
export interface ApprovalReminded extends OfStep {
  readonly approvalId: number;
  readonly requestedAt: string;
  /** Which reminder of the request it is, from 1. */
  readonly reminder: number;
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
  /** Events of older versions have no cause; it is read from their reason. */
  readonly cause: SkipCause;
  /** With what it failed, where it did. */
  readonly error?: StepError;
  readonly decidedBy?: number;
}

/** Attempts are exhausted, or another one is pointless or unsafe: the step waits for a person. */
export interface StepDeadLettered extends OfStep {
  readonly tool: string;
  readonly attempts: number;
  readonly args: JsonObject;
  readonly error: StepError;
}

/**
 * A person has a step that was put aside tried again, with these arguments and what its tool says of itself now. Risk and approval are judged anew: what
 * was approved before counts no more.
 */
export interface StepRetryRequested extends OfStep, ByHand {
  /** Absent where those of the plan were never completed: that is tried again too. */
  readonly args?: JsonObject;
  readonly argsHash: string;
  /** The arguments are others than before: another effect is wanted, with another idempotency key. */
  readonly isEdited: boolean;
  readonly toolVersion: string;
  readonly riskLevel: RiskLevel;
  readonly effect: PlannedStep['effect'];
  readonly timeoutMs: number;
  readonly retry: PlannedStep['retry'];
  readonly undo?: UndoDeclaration;
  /** Whoever asked named the request by it: asked again under it, they mean the same. */
  readonly requestKey?: string;
}

/** A part of the engine could not deal with an event of the run and has given up: it waits for a person. `revision` is the event's place in the run's stream. */
export interface EventParked extends OfRun {
  readonly handler: string;
  readonly revision: number;
  readonly eventType: string;
  /** Of the step that the event is about, where it is about one. */
  readonly stepId?: number;
  readonly tries: number;
  readonly reason: string;
}

/** The handler has been made to deal with it after all. */
export interface ParkedEventReplayed extends OfRun, ByHand {
  readonly handler: string;
  readonly revision: number;
}

/** It is left as it is. */
export interface ParkedEventDropped extends OfRun, ByHand {
  readonly handler: string;
  readonly revision: number;
}

/** Nothing new starts until the run is resumed: steps that were ready are made ready again then. What runs finishes, and approvals can be decided. */
export interface WorkflowPaused extends OfRun, ByHand {}

export interface WorkflowResumed extends OfRun, ByHand {}

/** Nothing new starts and what runs is told to stop. The run ends when every attempt in flight has its outcome; at `until` those that have none count as unknown. */
export interface WorkflowStopping extends OfRun {
  /** What the run will be. */
  readonly endsAs: 'CANCELLED' | 'FAILED';
  readonly code: string;
  readonly reason: string;
  readonly decidedBy?: number;
  /** What its steps have done is to be undone. */
  readonly compensate?: boolean;
  /** ISO 8601, UTC. */
  readonly until: string;
}

/** Every step that is not yet settled is CANCELLED with the run, and its open approval requests are void. Final. */
export interface WorkflowCancelled extends OfRun {
  readonly reason: string;
  readonly cancelledBy?: number;
  /** What its steps have done is undone by another run. */
  readonly compensation?: {
    /** Ids of the steps that declare an undo, … */
    readonly undo: readonly number[];
    /** … and of those whose effect stays. */
    readonly keep: readonly number[];
  };
}

/** A step that declares an undo which is not possible all the same. */
export interface NotUndone {
  readonly stepId: number;
  readonly name: string;
  readonly reason: string;
}

/** The run that another one undoes. */
export interface Compensated extends ByHand {
  readonly workflowId: number;
  readonly notUndone?: readonly NotUndone[];
}

/** Every step succeeded or was skipped. Final. */
export interface WorkflowCompleted extends OfRun {
  readonly succeeded: number;
  /** All of them, whatever the cause. */
  readonly skipped: number;
  /** Of those: how many because their approval was rejected, … */
  readonly rejected?: number;
  /** … and how many because they failed. */
  readonly failed?: number;
}

/** Event types and their data. The names are stored for ever: never rename one. */
export interface WorkflowEventData {
  readonly WorkflowSubmitted: WorkflowSubmitted;
  readonly PlanPartRecorded: PlanPartRecorded;
  readonly StepOutputReused: StepOutputReused;
  readonly WorkflowPlanned: WorkflowPlanned;
  readonly StartTimeReached: StartTimeReached;
  readonly WorkflowFailed: WorkflowFailed;
  readonly StepReady: StepReady;
  readonly StepStarted: StepStarted;
  readonly StepSucceeded: StepSucceeded;
  readonly StepFailed: StepFailed;
  readonly StepResultRefused: StepResultRefused;
  readonly StepRetryScheduled: StepRetryScheduled;
  readonly StepWaitsForTool: StepWaitsForTool;
  readonly StepBlocked: StepBlocked;
  readonly ApprovalRequested: ApprovalRequested;
  readonly ApprovalReminded: ApprovalReminded;
  readonly ApprovalGranted: ApprovalGranted;
  readonly ApprovalRejected: ApprovalRejected;
  readonly StepSkipped: StepSkipped;
  readonly StepDeadLettered: StepDeadLettered;
  readonly StepRetryRequested: StepRetryRequested;
  readonly EventParked: EventParked;
  readonly ParkedEventReplayed: ParkedEventReplayed;
  readonly ParkedEventDropped: ParkedEventDropped;
  readonly WorkflowPaused: WorkflowPaused;
  readonly WorkflowResumed: WorkflowResumed;
  readonly WorkflowStopping: WorkflowStopping;
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
  StepOutputReused: true,
  WorkflowPlanned: true,
  StartTimeReached: true,
  WorkflowFailed: true,
  StepReady: true,
  StepStarted: true,
  StepSucceeded: true,
  StepFailed: true,
  StepResultRefused: true,
  StepRetryScheduled: true,
  StepWaitsForTool: true,
  StepBlocked: true,
  ApprovalRequested: true,
  ApprovalReminded: true,
  ApprovalGranted: true,
  ApprovalRejected: true,
  StepSkipped: true,
  StepDeadLettered: true,
  StepRetryRequested: true,
  EventParked: true,
  ParkedEventReplayed: true,
  ParkedEventDropped: true,
  WorkflowPaused: true,
  WorkflowResumed: true,
  WorkflowStopping: true,
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

/** Whether nothing of the run is to be waited for after the event: its final one, or what a worker that came too late says after that. */
export const isAtEnd = ({ type, data }: { readonly type: string; readonly data: object }): boolean =>
  isFinalEventType(type) || (type === 'StepResultRefused' && (data as StepResultRefused).afterEnd === true);

export const isFinalEventType = (type: string): boolean => (FINAL_EVENT_TYPES as readonly string[]).includes(type);

/** After one of these nothing starts in the run any more and nobody can decide anything about its steps: it has ended, or is being stopped. */
export const isStopEventType = (type: string): boolean => type === 'WorkflowStopping' || isFinalEventType(type);

/** These count for nothing until `WorkflowPlanned` seals them. */
export const PART_EVENT_TYPES = ['PlanPartRecorded', 'StepOutputReused'] as const satisfies readonly WorkflowEventType[];
