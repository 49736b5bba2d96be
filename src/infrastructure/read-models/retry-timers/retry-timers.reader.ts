import type { PendingRetry, RetryTimersReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { reading } from '../database/reading.js';
import { RetryTimerRow } from './retry-timer.row.js';

export class DatabaseRetryTimersReader implements RetryTimersReader {
  constructor(private readonly database: Database) {}

  next(limit: number): Promise<readonly PendingRetry[]> {
    return reading(() => this.database.source.manager.find(RetryTimerRow, { order: { dueAt: 'ASC' }, take: limit }));
  }
}
