import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustBeOpen } from './refusals.js';

export function cancelWorkflow(
  data: WorkflowCommandData['CancelWorkflow'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  if (state.state === 'CANCELLED') return [];
  mustBeOpen(state);
  return [{ type: 'WorkflowCancelled', data: { workflowId: state.workflowId, at: now, ...data } }];
}
