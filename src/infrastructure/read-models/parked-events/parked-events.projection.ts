import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { RunRows } from '../projection/run-rows.js';
import { ParkedEventRow } from './parked-event.row.js';

/** Events that wait for a person, because a part of the engine could not deal with them. */
export const parkedEventsProjection: Projection<'parked-events'> = {
  name: 'parked-events',
  version: 1,
  rows: [ParkedEventRow],
  fold(batch, changes) {
    const rows = new RunRows<ParkedEventRow>(['workflowId', 'revision', 'handler']);
    for (const { event } of batch) {
      const { workflowId, at } = event.data;
      if (event.type === 'EventParked') {
        const { handler, revision, eventType, tries, reason } = event.data;
        rows.set({ workflowId, revision, handler, eventType, tries, reason, parkedAt: at });
      } else if (event.type === 'ParkedEventReplayed' || event.type === 'ParkedEventDropped') {
        const { handler, revision } = event.data;
        rows.remove({ workflowId, revision, handler });
      } else if (isFinalEventType(event.type)) {
        rows.removeRun(workflowId);
      }
    }
    rows.save(changes, ParkedEventRow);
  },
};
