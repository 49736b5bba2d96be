import type { PendingTimer, TimersReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { TimerRow } from './timer.row.js';

/** Attempts of paused runs are not due before their run goes on. */
export const OF_RUNS_THAT_GO_ON = `workflow_id NOT IN (SELECT workflow_id FROM workflows WHERE state = 'PAUSED')`;

export class DatabaseTimersReader implements TimersReader {
  constructor(private readonly database: Database) {}

  next(limit: number): Promise<readonly PendingTimer[]> {
    return translateFaults(() =>
      this.database.source.manager
        .createQueryBuilder(TimerRow, 'timer')
        .where(`(timer.kind <> 'retry' OR timer.${OF_RUNS_THAT_GO_ON})`)
        .orderBy('timer.due_at', 'ASC')
        .limit(limit)
        .getMany(),
    );
  }
}
