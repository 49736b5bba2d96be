import { PlanWorkflow } from '../workflow/plan-workflow.command.js';
import type { Saga } from './saga.js';

export const planSubmittedIntent: Saga<'WorkflowSubmitted'> = {
  name: 'plan-submitted-intent',
  follows: 'its own group',
  reactsTo: ['WorkflowSubmitted'],
  // A planner may be a service that is away: more than a day of tries.
  patience: 6_000,
  react: ({ id, data: { workflowId, intent, timeZone, at, planGiven } }) =>
    planGiven
      ? []
      : [new PlanWorkflow({ workflowId, intent, submittedAt: at, ...(timeZone === undefined ? {} : { timeZone }), causedBy: id })],
};
