import type { WorkflowEvent } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import type { DecisionContext } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustExist } from './refusals.js';
import { stopRun } from './run-end.js';

/** @throws DomainError workflow.not-due: a timer is never early (invariant 15) */
function mustBeDue(time: string, now: string, workflowId: number): void {
  if (Date.parse(now) < Date.parse(time)) throw new DomainError('workflow.not-due', `The time of workflow ${workflowId} is ${time}.`);
}

/** From now on steps may be made ready. A repeat decides nothing. */
export function reachStartTime(state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  mustExist(state);
  const { workflowId, startAt, startsLater } = state;
  if (startAt === null || !startsLater || isFinalRunState(state.state!) || state.stopping) return [];
  mustBeDue(startAt, now, workflowId);
  return [{ type: 'StartTimeReached', data: { workflowId, at: now } }];
}

/** The run fails: at once, or when what is in flight has its outcome. A repeat decides nothing. */
export function missDeadline(state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  mustExist(state);
  const { workflowId, deadline } = state;
  if (deadline === null || isFinalRunState(state.state!) || state.stopping) return [];
  mustBeDue(deadline, now, workflowId);
  return [stopRun({ endsAs: 'FAILED', code: 'workflow.deadline-missed', reason: `It was not finished by ${deadline}.` }, state, now)];
}
