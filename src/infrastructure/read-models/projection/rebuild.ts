import type { EntityManager } from 'typeorm';
import type { EventFeed } from '../../../application/ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../../../application/ports/event-log.js';
import type { Database } from '../database/database.js';
import { PROJECTED_STREAMS } from './projection.js';
import { becomeOnlyWriter, clear, wholeBatch, writeEvents } from './project-batch.js';
import { CheckpointRow } from './checkpoint.row.js';
import { PROJECTIONS } from './projections.js';
import { makeMissingTables } from './read-model-tables.js';

const BATCH = 500;

/**
 * Builds read models anew from the log's start to its present end, all or those named; tables that are gone are made again. In one transaction: readers see
 * the old rows until the new ones are whole.
 * @throws Error for a name that is none; NewerEvent, after which everything is as it was
 */
export async function rebuildReadModels(
  database: Database,
  feed: EventFeed,
  log: EventLog,
  names: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const unknown = names.find((name) => !PROJECTIONS.some((projection) => projection.name === name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is no read model. There are ${PROJECTIONS.map(({ name }) => name).join(', ')}.`);
  const chosen = PROJECTIONS.filter(({ name }) => names.length === 0 || names.includes(name));
  let count = 0;
  const rebuildIn = async (manager: EntityManager): Promise<void> => {
    await makeMissingTables(manager, [CheckpointRow]);
    await becomeOnlyWriter(manager);
    await makeMissingTables(
      manager,
      chosen.flatMap(({ rows }) => rows),
    );
    // Only now: a node that runs may have projected more until it had to stand by.
    const head = await log.headPosition();
    for (const projection of chosen) await clear(manager, projection);
    let batch: RecordedEvent[] = [];
    const flush = async (upTo: bigint): Promise<void> => {
      const { facts } = batch.length === 0 ? { facts: [] } : wholeBatch(batch);
      await writeEvents(manager, chosen, () => facts, upTo);
      count += batch.length;
      batch = [];
    };
    const subscription = feed.subscribe({ from: 'start', streamPrefix: PROJECTED_STREAMS });
    try {
      for await (const item of subscription) {
        if (item.kind === 'events') {
          const wanted = item.events.filter(({ position }) => position <= head);
          batch.push(...wanted);
          if (wanted.length < item.events.length) break;
          if (batch.length >= BATCH) await flush(batch.at(-1)!.position);
        } else if (item.kind === 'caught-up' || item.position >= head) {
          break;
        }
      }
    } finally {
      await subscription.close();
    }
    await flush(head);
  };
  await database.answer(() => database.source.transaction(rebuildIn));
  say(`Rebuilt ${chosen.map(({ name }) => name).join(', ')} from ${count} events.`);
}
