import { ScheduleReadySteps } from '../workflow/schedule-ready-steps.js';
import type { Saga } from './saga.js';

export const releaseApprovedStep: Saga<'ApprovalGranted'> = {
  name: 'release-approved-step',
  reactsTo: ['ApprovalGranted'],
  react: ({ id, data: { workflowId } }) => [new ScheduleReadySteps({ workflowId, causedBy: id })],
};
