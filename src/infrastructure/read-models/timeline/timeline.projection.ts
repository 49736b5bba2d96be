import type { EntityManager } from 'typeorm';
import { timelineEntry } from '../../../domain/workflow/timeline.js';
import { upsert, type ProjectedEvent, type Projection } from '../projection/projection.js';
import { TimelineRow } from './timeline.row.js';

export const timelineProjection: Projection = {
  name: 'timeline',
  rows: [TimelineRow],
  async apply(manager: EntityManager, batch: readonly ProjectedEvent[]): Promise<void> {
    const rows = batch.flatMap(({ event, revision, position }): TimelineRow[] => {
      const entry = timelineEntry(event, revision);
      if (!entry) return [];
      const { type, message, stepId, at, data } = entry;
      return [{ workflowId: event.data.workflowId, revision, position, type, message, stepId, at, data }];
    });
    await upsert(manager, TimelineRow, rows);
  },
};
