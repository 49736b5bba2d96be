import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustBeOpen } from './refusals.js';
import { stopRun } from './run-end.js';

/** Nothing new starts, and the run ends as cancelled when nothing runs any more. A repeat decides nothing. */
export function cancelWorkflow(
  { reason, cancelledBy, compensate }: WorkflowCommandData['CancelWorkflow'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  const isCompensated = state.state === 'CANCELLED' ? state.isCompensated : state.stopping?.compensate === true;
  const isRepeat = state.state === 'CANCELLED' || state.stopping?.endsAs === 'CANCELLED';
  if (isRepeat && (!compensate || isCompensated)) return [];
  mustBeOpen(state);
  mustNotBeStopping(state);
  const by = cancelledBy === undefined ? {} : { decidedBy: cancelledBy };
  return [stopRun({ endsAs: 'CANCELLED', code: 'workflow.cancelled', reason, ...by, ...(compensate && { compensate }) }, state, now)];
}

/** Code of a run that a person gave up. */
const GIVEN_UP = 'workflow.given-up';

/** The same, but the run ends as failed: a person sees no way on for it. */
export function giveUpWorkflow(
  { reason, decidedBy }: WorkflowCommandData['GiveUpWorkflow'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  if (state.state === 'FAILED' || state.stopping?.endsAs === 'FAILED') return [];
  mustBeOpen(state);
  mustNotBeStopping(state);
  const by = decidedBy === undefined ? {} : { decidedBy };
  return [stopRun({ endsAs: 'FAILED', code: GIVEN_UP, reason, ...by }, state, now)];
}

/** Two people stop one run in different ways: the first counts. @throws DomainError workflow.stopping */
function mustNotBeStopping({ workflowId, stopping }: WorkflowState): void {
  if (stopping) throw new DomainError('workflow.stopping', `Workflow ${workflowId} is being stopped already: ${stopping.reason}`);
}
