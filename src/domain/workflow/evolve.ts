import type { PlannedStep } from '../plan/plan.js';
import type { StepReady, StepRetryRequested, StepSkipped, StepStarted, WorkflowEvent, WorkflowPlanned } from './events/workflow-events.js';
import { StepQueue } from './step-queue.js';
import { INTERRUPTED_CODE } from './lifecycle.js';
import { StepTable } from './step-table.js';
import { plannedRecord, stepOf, type StepRecord, type WorkflowState } from './workflow.state.js';

function planned(state: WorkflowState, steps: readonly PlannedStep[], { reused, at }: WorkflowPlanned): WorkflowState {
  const idOfKey = new Map(steps.map((step) => [step.key, step.stepId]));
  const dependents: number[][] = steps.map(() => []);
  let queue = StepQueue.EMPTY;
  for (const step of steps) {
    for (const key of step.dependsOn) dependents[idOfKey.get(key)! - 1]!.push(step.stepId);
    if (step.dependsOn.length === 0) queue = queue.add(step.stepId);
  }
  const begun = {
    ...state,
    state: 'RUNNING',
    draft: [],
    steps: StepTable.of(steps.map(plannedRecord)),
    idOfKey,
    dependents,
    queue,
  } as const;
  return reused ? takenOver(begun, new Set(reused.stepIds), at) : begun;
}

/** Steps that succeeded in another run have succeeded in this one. */
function takenOver(state: WorkflowState, stepIds: ReadonlySet<number>, at: string): WorkflowState {
  let taken: WorkflowState = { ...state, draftOutputs: null };
  const left = new Set(stepIds);
  // The last word on each step: an earlier try may have left its own.
  for (let one = state.draftOutputs; one !== null; one = one.before) {
    const { stepId, output } = one;
    if (!left.delete(stepId)) continue;
    taken = changeStep(unqueued(taken, stepId), stepId, { state: 'SUCCEEDED', output, finishedAt: at });
    taken = settled({ ...taken, succeeded: taken.succeeded + 1 }, stepId);
  }
  return { ...taken, queue: [...stepIds].reduce((queue, stepId) => queue.without(stepId), taken.queue) };
}

function changeStep(state: WorkflowState, stepId: number, change: Partial<StepRecord>): WorkflowState {
  const step = stepOf(state, stepId);
  return step ? { ...state, steps: state.steps.with(stepId - 1, { ...step, ...change }) } : state;
}

/** The step is off the queue, if it was on it: scheduling has dealt with it. */
function unqueued(state: WorkflowState, stepId: number): WorkflowState {
  const step = stepOf(state, stepId);
  const queued = step?.state === 'PENDING' || (step?.state === 'BLOCKED' && step.approval?.status === 'approved');
  return queued ? { ...state, queue: state.queue.without(stepId) } : state;
}

/** Tells a settled step's dependents; those with nothing more to wait for are queued. */
function settled(state: WorkflowState, stepId: number): WorkflowState {
  let { steps, queue } = state;
  for (const id of state.dependents[stepId - 1] ?? []) {
    const dependent = steps.at(id - 1)!;
    const waitingFor = dependent.waitingFor - 1;
    steps = steps.with(id - 1, { ...dependent, waitingFor });
    if (waitingFor === 0) queue = queue.add(id);
  }
  return { ...state, steps, queue };
}

function ready(state: WorkflowState, data: StepReady): WorkflowState {
  const { stepId, attempt, args, argsHash } = data;
  return changeStep(unqueued(state, stepId), stepId, { state: 'READY', attempt, args, argsHash, retryDueAt: null, lacksToolSince: null });
}

function started(state: WorkflowState, { stepId, attempt, worker, at }: StepStarted): WorkflowState {
  const step = stepOf(state, stepId);
  if (!step) return state;
  const change = {
    state: 'RUNNING',
    attempt,
    worker,
    lastStarted: attempt,
    tries: step.tries + 1,
    starts: step.starts + 1,
    startedAt: step.startedAt ?? at,
  } as const;
  return changeStep({ ...state, running: state.running + 1 }, stepId, change);
}

/** One attempt less is in flight, if it was. */
const ended = (state: WorkflowState, stepId: number): WorkflowState =>
  stepOf(state, stepId)?.state === 'RUNNING' ? { ...state, running: state.running - 1 } : state;

function skipped(state: WorkflowState, { stepId, cause, error, at }: StepSkipped): WorkflowState {
  const change = {
    state: 'SKIPPED',
    skipCause: cause,
    finishedAt: at,
    deadLetteredAt: null,
    lacksToolSince: null,
    ...(error && { error }),
  } as const;
  const after = changeStep(unqueued(state, stepId), stepId, change);
  const counted = {
    ...after,
    skipped: after.skipped + 1,
    rejected: after.rejected + (cause === 'rejected' ? 1 : 0),
    failed: after.failed + (cause === 'failure' ? 1 : 0),
  };
  return settled(counted, stepId);
}

function withoutUndo({ undo: _former, ...plan }: PlannedStep): PlannedStep {
  return plan;
}

/** The step is queued as if nothing had been tried yet, but for the numbers of its attempts. */
function triedAgain(state: WorkflowState, data: StepRetryRequested): WorkflowState {
  const { stepId, args = null, argsHash, isEdited, toolVersion, riskLevel, effect, timeoutMs, retry, undo, requestKey } = data;
  const step = stepOf(state, stepId);
  if (!step) return state;
  const again = changeStep(state, stepId, {
    plan: { ...withoutUndo(step.plan), toolVersion, riskLevel, effect, timeoutMs, retry, ...(undo && { undo }) },
    state: 'PENDING',
    tries: 0,
    interruptions: 0,
    edits: step.edits + (isEdited ? 1 : 0),
    retriedArgsHash: argsHash,
    retryRequests: requestKey === undefined ? step.retryRequests : [...step.retryRequests, requestKey],
    args,
    argsHash: args && argsHash,
    error: null,
    approval: null,
    formerApprovals: step.approval ? [...step.formerApprovals, step.approval] : step.formerApprovals,
    deadLetteredAt: null,
    lacksToolSince: null,
  });
  return { ...again, queue: again.queue.add(stepId) };
}

/** Steps that are ready and not started go back on the queue. */
function paused(state: WorkflowState, pausedAt: string): WorkflowState {
  let { steps, queue } = state;
  for (const step of state.steps) {
    if (step.state !== 'READY') continue;
    const { stepId } = step.plan;
    steps = steps.with(stepId - 1, { ...step, state: 'PENDING', lacksToolSince: null });
    queue = queue.add(stepId);
  }
  return { ...state, state: 'PAUSED', pausedAt, steps, queue };
}

/** The state after one more event. Pure and total: it never refuses what the log holds. */
export function evolve(state: WorkflowState, event: WorkflowEvent): WorkflowState {
  switch (event.type) {
    case 'WorkflowSubmitted': {
      const { at, timeZone = null, onFailure = 'wait', priority = 'normal', keyPrefix = null, schedule = null, fork = null } = event.data;
      const { rerunOf = null, startAt = null, deadline = null } = event.data;
      const { userId, intent, approvalFrom, planGiven } = event.data;
      const compensates = event.data.compensates?.workflowId ?? null;
      const said = {
        userId,
        intent,
        approvalFrom,
        timeZone,
        planGiven,
        onFailure,
        priority,
        keyPrefix,
        rerunOf,
        schedule,
        fork,
        compensates,
        startAt,
        deadline,
      };
      return { ...state, ...said, state: 'PLANNING', startsLater: startAt !== null, createdAt: at };
    }
    case 'StepOutputReused': {
      const { stepId, output } = event.data;
      return { ...state, draftOutputs: { stepId, output, before: state.draftOutputs } };
    }
    case 'PlanPartRecorded':
      return { ...state, draft: event.data.offset === 0 ? event.data.steps : [...state.draft, ...event.data.steps] };
    case 'WorkflowPlanned':
      return planned(state, event.data.offset === 0 ? event.data.steps : [...state.draft, ...event.data.steps], event.data);
    case 'StartTimeReached':
      return { ...state, startsLater: false };
    case 'WorkflowFailed':
      return { ...state, state: 'FAILED', reason: event.data.reason, parked: [], finishedAt: event.data.at };
    case 'StepReady':
      return ready(state, event.data);
    case 'StepStarted':
      return started(state, event.data);
    case 'StepSucceeded': {
      const { stepId, output, byHand, at } = event.data;
      const change = {
        state: 'SUCCEEDED',
        output,
        error: null,
        finishedAt: at,
        deadLetteredAt: null,
        lacksToolSince: null,
        isDoneByHand: byHand !== undefined,
        ...(byHand && { retriedArgsHash: null }),
      } as const;
      const done = changeStep(ended(state, stepId), stepId, change);
      return settled({ ...done, succeeded: done.succeeded + 1 }, stepId);
    }
    case 'StepFailed': {
      const { stepId, error } = event.data;
      const { tries, interruptions } = stepOf(state, stepId) ?? { tries: 0, interruptions: 0 };
      const isLost = error.code === INTERRUPTED_CODE;
      const counts = isLost ? { tries: tries - 1, interruptions: interruptions + 1 } : {};
      return changeStep(ended(state, stepId), stepId, { state: 'FAILED', error, ...counts });
    }
    case 'StepResultRefused': {
      const { stepId, attempt } = event.data;
      const step = stepOf(state, stepId);
      return step ? changeStep(state, stepId, { refusedResults: [...step.refusedResults, attempt] }) : state;
    }
    case 'StepRetryScheduled':
      return changeStep(state, event.data.stepId, { retryDueAt: event.data.dueAt });
    case 'StepWaitsForTool':
      return changeStep(state, event.data.stepId, { lacksToolSince: event.data.at, toolLack: event.data.because });
    case 'StepBlocked':
      return changeStep(unqueued(state, event.data.stepId), event.data.stepId, { state: 'BLOCKED' });
    case 'ApprovalRequested': {
      const { stepId, approvalId, args, argsHash, at } = event.data;
      const undecided = { status: 'required', reminders: 0, decidedBy: null, decidedAt: null, decisionReason: null } as const;
      return changeStep(state, stepId, { approval: { approvalId, argsHash, requestedAt: at, ...undecided }, args, argsHash });
    }
    case 'ApprovalReminded': {
      const { stepId, reminder } = event.data;
      const approval = stepOf(state, stepId)?.approval;
      return approval ? changeStep(state, stepId, { approval: { ...approval, reminders: reminder } }) : state;
    }
    case 'ApprovalGranted':
    case 'ApprovalRejected': {
      const { stepId, decidedBy, reason, at } = event.data;
      const approval = stepOf(state, stepId)?.approval;
      if (!approval) return state;
      const status = event.type === 'ApprovalGranted' ? 'approved' : 'rejected';
      const decision = { status, decidedBy, decidedAt: at, decisionReason: reason ?? null } as const;
      const decided = changeStep(state, stepId, { approval: { ...approval, ...decision } });
      return status === 'approved' ? { ...decided, queue: decided.queue.add(stepId) } : decided;
    }
    case 'StepSkipped':
      return skipped(state, event.data);
    case 'StepDeadLettered': {
      const { stepId, error, at } = event.data;
      return changeStep(unqueued(state, stepId), stepId, {
        state: 'FAILED',
        error,
        deadLetteredAt: at,
        lacksToolSince: null,
        retriedArgsHash: null,
        retryDueAt: null,
      });
    }
    case 'StepRetryRequested':
      return triedAgain(state, event.data);
    case 'EventParked':
      return { ...state, parked: [...state.parked, event.data] };
    case 'ParkedEventReplayed':
    case 'ParkedEventDropped': {
      const { handler, revision } = event.data;
      return { ...state, parked: state.parked.filter((one) => one.handler !== handler || one.revision !== revision) };
    }
    case 'WorkflowPaused':
      return paused(state, event.data.at);
    case 'WorkflowResumed':
      return { ...state, state: 'RUNNING' };
    case 'WorkflowStopping':
      return { ...state, state: 'CANCELLING', reason: event.data.reason, stopping: event.data };
    case 'WorkflowCancelled':
      return {
        ...state,
        state: 'CANCELLED',
        reason: event.data.reason,
        isCompensated: event.data.compensation !== undefined,
        parked: [],
        finishedAt: event.data.at,
      };
    case 'WorkflowCompleted':
      return { ...state, state: 'SUCCEEDED', parked: [], finishedAt: event.data.at };
    default:
      return event satisfies never;
  }
}

/** The state after a list of events. */
export const evolveAll = (state: WorkflowState, events: Iterable<WorkflowEvent>): WorkflowState => {
  let next = state;
  for (const event of events) next = evolve(next, event);
  return next;
};
