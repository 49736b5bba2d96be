import type { PendingRetry, RetryTimersReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { RetryTimerRow } from './retry-timer.row.js';

export class DatabaseRetryTimersReader implements RetryTimersReader {
  constructor(private readonly database: Database) {}

  next(limit: number): Promise<readonly PendingRetry[]> {
    return translateFaults(() => this.database.source.manager.find(RetryTimerRow, { order: { dueAt: 'ASC' }, take: limit }));
  }
}
