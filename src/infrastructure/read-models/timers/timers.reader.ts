import type { PendingTimer, TimersReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { TimerRow } from './timer.row.js';

export class DatabaseTimersReader implements TimersReader {
  constructor(private readonly database: Database) {}

  next(limit: number): Promise<readonly PendingTimer[]> {
    return translateFaults(() => this.database.source.manager.find(TimerRow, { order: { dueAt: 'ASC' }, take: limit }));
  }
}
