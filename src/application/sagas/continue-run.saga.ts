import { ScheduleReadySteps } from '../workflow/schedule-ready-steps.command.js';
import type { Saga } from './saga.js';

/**
 * Has a run looked at when a person lets it go on, or its time to start has come. Apart from `advance-run` for its name, under which events were parked.
 */
export const continueRun: Saga<'StepRetryRequested' | 'WorkflowResumed' | 'StartTimeReached'> = {
  name: 'continue-run',
  follows: 'runs',
  reactsTo: ['StepRetryRequested', 'WorkflowResumed', 'StartTimeReached'],
  patience: 40,
  react: ({ id, revision, data: { workflowId } }) => [
    new ScheduleReadySteps({ workflowId, causedBy: id, ...(revision === undefined ? {} : { revision }) }),
  ],
};
