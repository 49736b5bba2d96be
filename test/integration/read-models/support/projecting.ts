import type { RecordedEvent } from '../../../../src/application/ports/event-log.js';
import type { Database } from '../../../../src/infrastructure/read-models/database/database.js';
import { PROJECTIONS } from '../../../../src/infrastructure/read-models/projection/projections.js';
import { projectBatch, wholeBatch } from '../../../../src/infrastructure/read-models/projection/project-batch.js';

/** Cuts a log into batches of the given sizes, over and over. */
export function inBatches(log: readonly RecordedEvent[], sizes: readonly number[]): RecordedEvent[][] {
  const batches: RecordedEvent[][] = [];
  for (let start = 0, n = 0; start < log.length; n++) {
    const size = sizes[n % sizes.length]!;
    batches.push(log.slice(start, start + size));
    start += size;
  }
  return batches;
}

/** Projects a log batch by batch; in one batch where no sizes are given. */
export async function project(database: Database, log: readonly RecordedEvent[], sizes: readonly number[] = [log.length]): Promise<void> {
  for (const batch of inBatches(log, sizes)) await projectBatch(database.source, PROJECTIONS, wholeBatch(batch));
}
