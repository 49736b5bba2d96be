import type { DeadLettersReader, DeadLetterView, Page, PageRequest } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { DeadLetterRow } from './dead-letter.row.js';

/** Newest run first, and within a run the last step first. */
export class DatabaseDeadLettersReader implements DeadLettersReader {
  constructor(private readonly database: Database) {}

  list({ cursor, limit }: PageRequest): Promise<Page<DeadLetterView>> {
    return translateFaults(async () => {
      const query = this.database.source.manager
        .createQueryBuilder(DeadLetterRow, 'letter')
        .orderBy('letter.workflow_id', 'DESC')
        .addOrderBy('letter.step_id', 'DESC')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [run, step] = keyOf(cursor, 2);
        // As 64 bits, for a cursor may say more than a column of 32 can hold.
        query.where('(letter.workflow_id, letter.step_id) < (CAST(:run AS bigint), CAST(:step AS bigint))', { run, step });
      }
      return pageOf(
        await query.getMany(),
        limit,
        (row) => [row.workflowId, row.stepId],
        (row) => row,
      );
    });
  }
}
