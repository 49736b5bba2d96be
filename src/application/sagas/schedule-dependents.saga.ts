import { ScheduleReadySteps } from '../workflow/schedule-ready-steps.js';
import type { Saga } from './saga.js';

export const scheduleDependents: Saga<'StepSucceeded' | 'StepSkipped'> = {
  name: 'schedule-dependents',
  reactsTo: ['StepSucceeded', 'StepSkipped'],
  react: ({ id, data: { workflowId } }) => [new ScheduleReadySteps({ workflowId, causedBy: id })],
};
