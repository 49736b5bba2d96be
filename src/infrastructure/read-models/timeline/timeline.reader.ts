import { MoreThan } from 'typeorm';
import type { TimelineReader } from '../../../application/ports/read-models.js';
import type { TimelineEntry } from '../../../domain/workflow/timeline.js';
import type { Database } from '../database/database.js';
import { reading } from '../database/reading.js';
import { TimelineRow } from './timeline.row.js';

export class DatabaseTimelineReader implements TimelineReader {
  constructor(private readonly database: Database) {}

  list(workflowId: number, { after = -1, limit }: { readonly after?: number; readonly limit: number }): Promise<readonly TimelineEntry[]> {
    return reading(async () => {
      const where = { workflowId, revision: MoreThan(after) };
      const rows = await this.database.source.manager.find(TimelineRow, { where, order: { revision: 'ASC' }, take: limit });
      return rows.map(({ revision, type, message, stepId, at, data }) => ({ id: revision, type, message, stepId, at, data }));
    });
  }
}
