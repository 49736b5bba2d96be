import type { WorkflowEvent } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { stepOf, type WorkflowState } from '../workflow.state.js';
import { mustExist } from './refusals.js';

/** Each reminder is given once, or passed over for a later one, and only of a request that can still be decided. */
export function remindApproval(
  { stepId, approvalId, reminder }: WorkflowCommandData['RemindApproval'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const step = stepOf(state, stepId);
  const approval = step?.approval;
  if (!approval || approval.approvalId !== approvalId || approval.status !== 'required') return [];
  if (reminder <= approval.reminders || isFinalRunState(state.state!) || state.stopping) return [];
  const { workflowId } = state;
  const { requestedAt } = approval;
  return [{ type: 'ApprovalReminded', data: { workflowId, at: now, stepId, name: step.plan.name, approvalId, requestedAt, reminder } }];
}
