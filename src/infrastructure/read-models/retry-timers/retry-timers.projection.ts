import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { StepRows } from '../projection/step-rows.js';
import { RetryTimerRow } from './retry-timer.row.js';

export const retryTimersProjection: Projection<'retry-timers'> = {
  name: 'retry-timers',
  version: 1,
  rows: [RetryTimerRow],
  fold(batch, changes) {
    const rows = new StepRows<RetryTimerRow>();
    for (const { event } of batch) {
      if (event.type === 'StepRetryScheduled') {
        const { workflowId, stepId, attempt, dueAt } = event.data;
        rows.set({ workflowId, stepId, attempt, dueAt: Date.parse(dueAt) });
      } else if (event.type === 'StepReady' && event.data.attempt > 1) {
        rows.remove(event.data.workflowId, event.data.stepId);
      } else if (isFinalEventType(event.type)) {
        rows.removeRun(event.data.workflowId);
      }
    }
    rows.save(changes, RetryTimerRow);
  },
};
