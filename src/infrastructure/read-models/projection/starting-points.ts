import type { EventLog } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { dropBeside } from './beside.js';
import { becomeOnlyWriter, clear, madeByLater, storedCheckpoints } from './project-batch.js';
import type { Projection } from './projection.js';
import { missingReadModels } from './read-model-tables.js';

export interface StartingPoints {
  /** How far the rows are that are read. */
  readonly known: ReadonlyMap<ReadModelName, bigint>;
  /** Read models whose rows another version of their projection has made: they stay until new ones have been made beside them. */
  readonly stale: readonly Projection[];
}

/**
 * Where each read model is. Checkpoints past the log's end belong to another log: the rows are made anew.
 * @throws Error where tables are missing, or where a newer node has made rows on a server
 */
export async function startingPoints(
  { source, embedded }: Database,
  log: EventLog,
  projections: readonly Projection[],
  logger: Logger,
): Promise<StartingPoints> {
  const head = await log.headPosition();
  return source.transaction(async (manager) => {
    const missing = await missingReadModels(manager, embedded);
    if (missing !== undefined) throw new Error(`read models are ${missing}`);
    await becomeOnlyWriter(manager);
    // Of an embedded database nobody else is left who could go on with them.
    const later = embedded ? [] : await madeByLater(manager, projections);
    if (later.length > 0) throw new Error(`the rows of ${later.join(', ')} were made by a newer version of the engine: update this one`);
    let stored = await storedCheckpoints(manager);
    if (projections.some(({ name }) => (stored.get(name)?.position ?? 0n) > head)) {
      logger.warn('the read models are ahead of the event log: they are dropped and rebuilt from it');
      stored = new Map();
    }
    // Nobody knows how far rows without a checkpoint are.
    for (const projection of projections) if (!stored.has(projection.name)) await clear(manager, projection);
    const stale = projections.filter(({ name, version }) => stored.has(name) && stored.get(name)!.version !== version);
    if (stale.length === 0) await dropBeside(manager);
    return { known: new Map(projections.map(({ name }) => [name, stored.get(name)?.position ?? 0n])), stale };
  });
}
