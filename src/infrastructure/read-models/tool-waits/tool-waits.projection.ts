import { PRIORITIES } from '../../../domain/workflow/lifecycle.js';
import { isStopEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { StepRows } from '../projection/run-rows.js';
import { ToolWaitRow } from './tool-wait.row.js';

/** Steps that wait for a node that can call their tool. */
export const toolWaitsProjection: Projection<'tool-waits'> = {
  name: 'tool-waits',
  version: 1,
  rows: [ToolWaitRow],
  fold(batch, changes) {
    const rows = new StepRows<ToolWaitRow>();
    for (const { event } of batch) {
      const { workflowId } = event.data;
      if (event.type === 'StepWaitsForTool') {
        const { stepId, attempt, tool, toolVersion, because, at, userId = 0, priority = 'normal' } = event.data;
        rows.set({ workflowId, stepId, attempt, tool, toolVersion, because, since: at, userId, urgency: PRIORITIES.indexOf(priority) });
      } else if (
        event.type === 'StepRetryRequested' ||
        event.type === 'StepDeadLettered' ||
        (event.type === 'StepReady' && event.data.attempt > 1)
      ) {
        rows.removeStep(workflowId, event.data.stepId);
      } else if ((event.type === 'StepSkipped' && event.data.cause === 'person') || (event.type === 'StepSucceeded' && event.data.byHand)) {
        rows.removeStep(workflowId, event.data.stepId);
      } else if (event.type === 'WorkflowPaused' || isStopEventType(event.type)) {
        rows.removeRun(workflowId);
      }
    }
    rows.save(changes, ToolWaitRow);
  },
};
