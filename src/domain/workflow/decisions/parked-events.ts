import type { EventParked, WorkflowEvent } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import { stepOf, type WorkflowState } from '../workflow.state.js';
import { readyAgain } from './ready-again.js';
import { mustExist } from './refusals.js';
import { stopRun, withEnd } from './run-end.js';
import { failedForGood } from './step-failure.js';

type Parked = Pick<EventParked, 'handler' | 'revision'>;

export const parkedEvent = ({ parked }: WorkflowState, { handler, revision }: Parked): EventParked | undefined =>
  parked.find((one) => one.handler === handler && one.revision === revision);

/** Keeps for a person what a handler has given up. A repeat decides nothing, nor does it once the run has ended: then nobody needs it. */
export function parkEvent(
  data: WorkflowCommandData['ParkEvent'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  if (isFinalRunState(state.state!) || parkedEvent(state, data)) return [];
  return [{ type: 'EventParked', data: { workflowId: state.workflowId, at: now, ...data } }];
}

/** What was to come of a dropped event comes no more: who waits for it must learn that. */
function whatNobodyDoes(
  { eventType, stepId, reason }: EventParked,
  before: readonly WorkflowEvent[],
  state: WorkflowState,
  now: string,
): readonly WorkflowEvent[] {
  if (state.stopping) return before;
  if (eventType === 'WorkflowSubmitted' && state.state === 'PLANNING') {
    const stop = { endsAs: 'FAILED', code: 'workflow.not-planned', reason: `Nobody plans it: ${reason}` } as const;
    return [...before, stopRun(stop, state, now)];
  }
  const step = stepId === undefined ? undefined : stepOf(state, stepId);
  if (eventType !== 'StepReady' || step?.state !== 'READY') return before;
  const error = {
    code: 'attempt.never-started',
    message: `The attempt was never started: ${reason}`,
    retryable: false,
    effect: 'none',
  } as const;
  return failedForGood(step, error, step.starts, before, state, now);
}

/** @throws DomainError parked-event.not-found */
export function mustBeParked(state: WorkflowState, parked: Parked): EventParked {
  mustExist(state);
  const found = parkedEvent(state, parked);
  const { handler, revision } = parked;
  if (!found)
    throw new DomainError('parked-event.not-found', `${handler} has parked no event ${revision} of workflow ${state.workflowId}.`);
  return found;
}

export function settleParkedEvent(
  { handler, revision, outcome, ...why }: WorkflowCommandData['SettleParkedEvent'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  // Replaying it may have ended the run; and a run that has ended needs nothing any more.
  if (isFinalRunState(state.state!)) return [];
  const parked = mustBeParked(state, { handler, revision });
  const data = { workflowId: state.workflowId, at: now, handler, revision, ...why };
  if (outcome === 'replayed') return [{ type: 'ParkedEventReplayed', data }];
  const dropped: WorkflowEvent = { type: 'ParkedEventDropped', data };
  return withEnd([...whatNobodyDoes(parked, [dropped], state, now)], state, now);
}

/** A step that is ready becomes ready again, under a number of its own, where what was to start it has been parked. */
export function makeReadyAgain(
  { stepId, attempt }: WorkflowCommandData['MakeReadyAgain'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const step = state.steps.at(stepId - 1);
  if (state.state !== 'RUNNING' || step?.state !== 'READY' || step.attempt !== attempt || step.lacksToolSince !== null) return [];
  return [readyAgain(step, state, now)];
}
