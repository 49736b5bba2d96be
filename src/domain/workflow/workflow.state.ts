import type { Json, JsonObject } from '../json.js';
import type { PlannedStep } from '../plan/plan.js';
import type { ApprovalThreshold } from '../risk/approval-policy.js';
import type { EventParked, Forked, OfOccurrence, StepError, WorkflowStopping } from './events/workflow-events.js';
import type { FailurePolicy, Priority, RunState, SkipCause, StepState, ToolLack } from './lifecycle.js';
import { StepQueue } from './step-queue.js';
import { StepTable } from './step-table.js';

/** An approval request of a step and what became of it. */
export interface ApprovalRecord {
  readonly approvalId: number;
  readonly status: 'required' | 'approved' | 'rejected';
  readonly argsHash: string;
  readonly requestedAt: string;
  /** How often people were reminded of it. */
  readonly reminders: number;
  readonly decidedBy: number | null;
  readonly decidedAt: string | null;
  /** The decider's reason. */
  readonly decisionReason: string | null;
}

/** A step of a run, as far as the run has come. */
export interface StepRecord {
  readonly plan: PlannedStep;
  readonly state: StepState;
  /** Dependencies that have neither succeeded nor been skipped yet. */
  readonly waitingFor: number;
  /** The attempt that is ready, running or was last, from 1; 0 before the first. Never used twice: one that a pause took back is left out. */
  readonly attempt: number;
  /** Attempts started since the step was planned, or a person last had it tried again: what the tool's maximum counts. */
  readonly tries: number;
  /** Attempts started in all. */
  readonly starts: number;
  /** Attempts whose worker was lost, since the step was planned, or a person last had it tried again: they count as no tries, and have a maximum of their own. */
  readonly interruptions: number;
  /** Attempts of which a worker told when it did not count any more. */
  readonly refusedResults: readonly number[];
  /** The last attempt that was started; 0 before the first. */
  readonly lastStarted: number;
  /** How often a person had it tried again with other arguments. */
  readonly edits: number;
  /** Requests by which people had it tried again, as far as they named them. */
  readonly retryRequests: readonly string[];
  /** The arguments with which a person last had it tried again. */
  readonly retriedArgsHash: string | null;
  /** Who runs or ran the last attempt. */
  readonly worker: string | null;
  /** Arguments with the outputs of other steps in place, from the moment they are known. */
  readonly args: JsonObject | null;
  readonly argsHash: string | null;
  readonly output: Json;
  readonly error: StepError | null;
  /** When the next attempt becomes ready, if one is scheduled. */
  readonly retryDueAt: string | null;
  readonly approval: ApprovalRecord | null;
  /** Requests from before a person had it tried again, oldest first: what they granted counts no more. */
  readonly formerApprovals: readonly ApprovalRecord[];
  /** Since when it waits for a node that has its tool; null where it does not. ISO 8601, UTC. */
  readonly lacksToolSince: string | null;
  /** Why it does. */
  readonly toolLack: ToolLack | null;
  /** Since when it waits as a dead letter; null where it does not. ISO 8601, UTC. */
  readonly deadLetteredAt: string | null;
  readonly skipCause: SkipCause | null;
  /** A person said that it is done. */
  readonly isDoneByHand: boolean;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** An output that the plan will take over, and those recorded before it. */
export interface ReusedOutput {
  readonly stepId: number;
  readonly output: Json;
  readonly before: ReusedOutput | null;
}

/** A run: a fold of its events. Immutable; `evolve` answers with a new one. */
export interface WorkflowState {
  readonly workflowId: number;
  /** Undefined until the submission is recorded: a stream that holds only parts of a plan is no run yet. */
  readonly state: RunState | undefined;
  readonly userId: number;
  readonly intent: string;
  readonly approvalFrom: ApprovalThreshold;
  /** Null where the submission was recorded without one. */
  readonly timeZone: string | null;
  readonly planGiven: boolean;
  readonly onFailure: FailurePolicy;
  readonly priority: Priority;
  /** Nothing starts before; null where there is no such time. ISO 8601, UTC. */
  readonly startAt: string | null;
  /** That time has not come yet. */
  readonly startsLater: boolean;
  /** By when it must be finished; null where there is no such time. ISO 8601, UTC. */
  readonly deadline: string | null;
  /** Null where the submission was recorded without one. */
  readonly keyPrefix: string | null;
  /** Why the run failed or was cancelled. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  /** Parts of a plan that is not sealed yet. */
  readonly draft: readonly PlannedStep[];
  /** Outputs that a plan which is not sealed yet takes over. */
  readonly draftOutputs: ReusedOutput | null;
  /** The run that this one runs again. */
  readonly rerunOf: number | null;
  /** The run whose effects this one undoes. */
  readonly compensates: number | null;
  /** It was cancelled, and what its steps did is undone. */
  readonly isCompensated: boolean;
  /** The run that this one copies: it is a shadow and calls no tool. */
  readonly fork: Forked | null;
  /** The schedule that submitted it. */
  readonly schedule: OfOccurrence | null;
  /** In plan order: the step with id n is at n − 1. */
  readonly steps: StepTable<StepRecord>;
  readonly idOfKey: ReadonlyMap<string, number>;
  /** For each step (same index) the ids of the steps that depend on it. */
  readonly dependents: readonly (readonly number[])[];
  /** Steps that scheduling has to look at: all dependencies are settled, or the approval has been granted. */
  readonly queue: StepQueue;
  readonly succeeded: number;
  readonly skipped: number;
  /** Of those that were skipped. */
  readonly rejected: number;
  readonly failed: number;
  /** Attempts in flight. */
  readonly running: number;
  /** Since when it is paused, or was last. ISO 8601, UTC. */
  readonly pausedAt: string | null;
  /** Events of the run that a part of the engine could not deal with. */
  readonly parked: readonly EventParked[];
  /** How the run will end once nothing runs any more. */
  readonly stopping: WorkflowStopping | null;
}

export const initialWorkflow = (workflowId: number): WorkflowState => ({
  workflowId,
  state: undefined,
  userId: 0,
  intent: '',
  approvalFrom: 'L3',
  timeZone: null,
  planGiven: false,
  onFailure: 'wait',
  priority: 'normal',
  startAt: null,
  startsLater: false,
  deadline: null,
  keyPrefix: null,
  reason: null,
  createdAt: '',
  finishedAt: null,
  draft: [],
  draftOutputs: null,
  rerunOf: null,
  compensates: null,
  isCompensated: false,
  fork: null,
  schedule: null,
  steps: StepTable.EMPTY,
  idOfKey: new Map(),
  dependents: [],
  queue: StepQueue.EMPTY,
  succeeded: 0,
  skipped: 0,
  rejected: 0,
  failed: 0,
  running: 0,
  pausedAt: null,
  parked: [],
  stopping: null,
});

export const stepOf = (state: WorkflowState, stepId: number): StepRecord | undefined => state.steps.at(stepId - 1);

/** A request of a step, whether it is the last one or not. */
export const approvalOf = ({ approval, formerApprovals }: StepRecord, approvalId: number): ApprovalRecord | undefined =>
  approval?.approvalId === approvalId ? approval : formerApprovals.find((former) => former.approvalId === approvalId);

export const stepOfKey = (state: WorkflowState, key: string): StepRecord | undefined => {
  const stepId = state.idOfKey.get(key);
  return stepId === undefined ? undefined : stepOf(state, stepId);
};

export const plannedRecord = (plan: PlannedStep): StepRecord => ({
  plan,
  state: 'PENDING',
  waitingFor: plan.dependsOn.length,
  attempt: 0,
  tries: 0,
  starts: 0,
  interruptions: 0,
  refusedResults: [],
  retryRequests: [],
  lastStarted: 0,
  edits: 0,
  retriedArgsHash: null,
  worker: null,
  args: null,
  argsHash: null,
  output: null,
  error: null,
  retryDueAt: null,
  approval: null,
  formerApprovals: [],
  deadLetteredAt: null,
  lacksToolSince: null,
  toolLack: null,
  skipCause: null,
  isDoneByHand: false,
  startedAt: null,
  finishedAt: null,
});

/** Every step has succeeded or was skipped. */
export const isDone = (state: WorkflowState): boolean => state.steps.length > 0 && state.succeeded + state.skipped === state.steps.length;
