import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { TimerKind } from '../../../application/ports/read-models.js';
import type { Projection } from '../projection/projection.js';
import { RunRows } from '../projection/run-rows.js';
import { TimerRow } from './timer.row.js';

/** What has to happen at a time: attempts that wait for theirs, the start and the deadline of runs, and the end of runs that are being stopped. */
export const timersProjection: Projection<'timers'> = {
  name: 'timers',
  version: 1,
  rows: [TimerRow],
  fold(batch, changes) {
    const rows = new RunRows<TimerRow>(['workflowId', 'kind', 'stepId']);
    for (const { event } of batch) {
      const { workflowId } = event.data;
      const ofRun = (kind: TimerKind, dueAt: string): void =>
        rows.set({ workflowId, kind, stepId: 0, attempt: 0, dueAt: Date.parse(dueAt) });
      if (event.type === 'WorkflowSubmitted') {
        if (event.data.startAt !== undefined) ofRun('start', event.data.startAt);
        if (event.data.deadline !== undefined) ofRun('deadline', event.data.deadline);
      } else if (event.type === 'StartTimeReached') {
        rows.remove({ workflowId, kind: 'start', stepId: 0 });
      } else if (event.type === 'StepRetryScheduled') {
        const { stepId, attempt, dueAt } = event.data;
        rows.set({ workflowId, kind: 'retry', stepId, attempt, dueAt: Date.parse(dueAt) });
      } else if (event.type === 'StepReady' && event.data.attempt > 1) {
        rows.remove({ workflowId, kind: 'retry', stepId: event.data.stepId });
      } else if (event.type === 'WorkflowStopping') {
        rows.removeRun(workflowId);
        ofRun('stop', event.data.until);
      } else if (isFinalEventType(event.type)) {
        rows.removeRun(workflowId);
      }
    }
    rows.save(changes, TimerRow);
  },
};
