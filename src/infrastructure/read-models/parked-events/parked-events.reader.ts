import type { Page, PageRequest, ParkedEventsReader, ParkedEventView } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { ParkedEventRow } from './parked-event.row.js';

/** Newest run first, and within a run the last event first. An event that several handlers parked stays together on a page: there are few handlers. */
export class DatabaseParkedEventsReader implements ParkedEventsReader {
  constructor(private readonly database: Database) {}

  list({ cursor, limit }: PageRequest): Promise<Page<ParkedEventView>> {
    return translateFaults(async () => {
      const query = this.database.source.manager
        .createQueryBuilder(ParkedEventRow, 'parked')
        .orderBy('parked.workflow_id', 'DESC')
        .addOrderBy('parked.revision', 'DESC')
        .addOrderBy('parked.handler', 'ASC')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [run, revision] = keyOf(cursor, 2);
        query.where('(parked.workflow_id, parked.revision) < (CAST(:run AS bigint), CAST(:revision AS bigint))', { run, revision });
      }
      return pageOf(
        await query.getMany(),
        limit,
        (row) => [row.workflowId, row.revision],
        (row) => row,
      );
    });
  }
}
