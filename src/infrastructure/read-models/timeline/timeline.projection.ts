import { timelineEntry } from '../../../domain/workflow/timeline.js';
import type { Projection } from '../projection/projection.js';
import { TimelineRow } from './timeline.row.js';

export const timelineProjection: Projection<'timeline'> = {
  name: 'timeline',
  version: 2,
  rows: [TimelineRow],
  fold(batch, changes) {
    const rows = batch.flatMap(({ event, revision, position }): TimelineRow[] => {
      const entry = timelineEntry(event, revision);
      if (!entry) return [];
      const { type, message, stepId, at, data } = entry;
      return [{ workflowId: event.data.workflowId, revision, position, type, message, stepId, at, data }];
    });
    changes.put(TimelineRow, rows);
  },
};
