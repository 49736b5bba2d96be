import { CompensateWorkflow } from '../workflow/compensate-workflow.command.js';
import type { Saga } from './saga.js';

/** What a run did that was cancelled so that it be undone, is undone once the run has ended. */
export const compensateCancelled: Saga<'WorkflowCancelled'> = {
  name: 'compensate-cancelled',
  follows: 'its own group',
  reactsTo: ['WorkflowCancelled'],
  patience: 40,
  react: ({ data: { workflowId, reason, cancelledBy, compensation } }) => {
    if (!compensation || compensation.undo.length === 0) return [];
    const actor = { kind: 'system', id: 'compensate-cancelled', authenticated: true } as const;
    return [new CompensateWorkflow({ workflowId, actor, reason, ...(cancelledBy === undefined ? {} : { decidedBy: cancelledBy }) })];
  },
};
