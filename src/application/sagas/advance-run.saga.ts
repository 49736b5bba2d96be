import { ScheduleReadySteps } from '../workflow/schedule-ready-steps.command.js';
import type { Saga } from './saga.js';

/** Whatever settles a step, or makes it possible to go on with one, has the run looked at: what is ready next? */
export const advanceRun: Saga<'WorkflowPlanned' | 'StepSucceeded' | 'StepSkipped' | 'ApprovalGranted'> = {
  name: 'advance-run',
  follows: 'runs',
  reactsTo: ['WorkflowPlanned', 'StepSucceeded', 'StepSkipped', 'ApprovalGranted'],
  patience: 40,
  react: ({ id, revision, data: { workflowId } }) => [
    new ScheduleReadySteps({ workflowId, causedBy: id, ...(revision === undefined ? {} : { revision }) }),
  ],
};
