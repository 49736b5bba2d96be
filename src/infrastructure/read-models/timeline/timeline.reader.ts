import type { TimelineReader } from '../../../application/ports/read-models.js';
import type { LoggedEntry } from '../../../application/timeline/logged-entry.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { TimelineRow } from './timeline.row.js';

export class DatabaseTimelineReader implements TimelineReader {
  constructor(private readonly database: Database) {}

  list(workflowId: number, { after = -1, limit }: { readonly after?: number; readonly limit: number }): Promise<readonly LoggedEntry[]> {
    return translateFaults(async () => {
      const rows = await this.database.source.manager
        .createQueryBuilder(TimelineRow, 'entry')
        .where('entry.workflow_id = :workflowId', { workflowId })
        // As 64 bits, for the caller may name a revision beyond all that a column of 32 can hold.
        .andWhere('entry.revision > CAST(:after AS bigint)', { after })
        .orderBy('entry.revision')
        .limit(limit)
        .getMany();
      return rows.map(({ revision, ...row }) => ({ id: revision, ...row }));
    });
  }
}
