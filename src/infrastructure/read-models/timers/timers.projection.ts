import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { StepRows } from '../projection/run-rows.js';
import { TimerRow } from './timer.row.js';

/** What has to happen at a time: attempts that wait for theirs, and runs that are being stopped. */
export const timersProjection: Projection<'timers'> = {
  name: 'timers',
  version: 1,
  rows: [TimerRow],
  fold(batch, changes) {
    const rows = new StepRows<TimerRow>();
    for (const { event } of batch) {
      const { workflowId } = event.data;
      if (event.type === 'StepRetryScheduled') {
        const { stepId, attempt, dueAt, held } = event.data;
        if (!held) rows.set({ workflowId, stepId, kind: 'retry', attempt, dueAt: Date.parse(dueAt) });
      } else if (event.type === 'StepReady' && event.data.attempt > 1) {
        rows.removeStep(workflowId, event.data.stepId);
      } else if (event.type === 'WorkflowStopping') {
        rows.removeRun(workflowId);
        rows.set({ workflowId, stepId: 0, kind: 'stop', attempt: 0, dueAt: Date.parse(event.data.until) });
      } else if (event.type === 'WorkflowPaused' || isFinalEventType(event.type)) {
        rows.removeRun(workflowId);
      }
    }
    rows.save(changes, TimerRow);
  },
};
