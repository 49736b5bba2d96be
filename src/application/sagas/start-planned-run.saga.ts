import { ScheduleReadySteps } from '../workflow/schedule-ready-steps.js';
import type { Saga } from './saga.js';

export const startPlannedRun: Saga<'WorkflowPlanned'> = {
  name: 'start-planned-run',
  reactsTo: ['WorkflowPlanned'],
  react: ({ id, data: { workflowId } }) => [new ScheduleReadySteps({ workflowId, causedBy: id })],
};
