import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { CheckpointRow } from './checkpoint.row.js';
import {
  becomeOnlyWriter,
  checkpoints,
  limitPauses,
  projectBatchIn,
  storedCheckpoints,
  type Batch,
  type Projected,
} from './project-batch.js';
import type { Projection } from './projection.js';
import { currentSchema, makeTables, missingTables } from './read-model-tables.js';

/** Schema of the tables that are to take the place of those that are read, with checkpoints of their own. */
const BESIDE = 'lifeos_beside';

/**
 * How long the swap waits for each lock, in milliseconds: readers queue behind it for so long at most. Far below the second after which Postgres looks for deadlocks, so
 * that of a reader and the swap that wait for each other it is the swap that gives way.
 */
const LOCK_MS = 100;
/** Pause between two tries to swap, in milliseconds. */
const SWAP_PAUSE_MS = 100;
/** Tries, after which the swap is left for later. */
const SWAP_TRIES = 20;
/** SQL state of a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Somebody reads who would miss something. */
class StillRead extends Error {}

const tablesOf = ({ connection }: EntityManager, projections: readonly Projection[]): readonly string[] =>
  projections.flatMap(({ rows }) => rows.map((row) => connection.getMetadata(row).tableName));

/** Says which migrations made the tables: others may make other ones. */
const shapeOf = ({ connection }: EntityManager): string =>
  createHash('sha256')
    .update(connection.migrations.map((migration) => migration.name ?? migration.constructor.name).join())
    .digest('hex');

async function isThere(manager: EntityManager): Promise<boolean> {
  const [{ there }] = await manager.query<[{ there: boolean }]>(`SELECT to_regclass('${BESIDE}.checkpoints') IS NOT NULL AS there`);
  return there;
}

/** Does something with the tables beside, and nothing else: what is not there must not be taken for the table that is read. */
async function beside<T>(manager: EntityManager, work: () => Promise<T>): Promise<T> {
  const [{ path }] = await manager.query<[{ path: string }]>(`SELECT current_setting('search_path') AS path`);
  await manager.query(`SET LOCAL search_path TO ${BESIDE}`);
  const result = await work();
  // After a fault the transaction is over, and the path with it.
  await manager.query(`SELECT set_config('search_path', $1, true)`, [path]);
  return result;
}

/** Forgets all that was made beside. */
export async function dropBeside(manager: EntityManager): Promise<void> {
  await manager.query(`DROP SCHEMA IF EXISTS ${BESIDE} CASCADE`);
}

/** How far the rows beside are that these versions of the projections make; those of which there are none are left out. */
export async function besidePositions(
  manager: EntityManager,
  projections: readonly Projection[],
): Promise<ReadonlyMap<ReadModelName, bigint>> {
  if (!(await isThere(manager))) return new Map();
  const rows = await manager.query<{ read_model: string; position: string; version: number }[]>(`SELECT * FROM ${BESIDE}.checkpoints`);
  return new Map(
    projections.flatMap(({ name, version }) => {
      const row = rows.find((stored) => stored.read_model === name && stored.version === version);
      return row ? [[name, BigInt(row.position)] as const] : [];
    }),
  );
}

/**
 * Makes ready the tables beside of these read models, and of no others. Answers with how far they are: 0 where they are empty, which they are where none were left
 * behind, or those were of another version, another shape or another log.
 */
export async function prepareBeside(
  source: DataSource,
  projections: readonly Projection[],
  head: bigint,
): Promise<ReadonlyMap<ReadModelName, bigint>> {
  return source.transaction(async (manager) => {
    await becomeOnlyWriter(manager);
    const shape = shapeOf(manager);
    const [left] = await manager.query<{ shape: string | null }[]>(
      `SELECT obj_description(oid, 'pg_namespace') AS shape FROM pg_namespace WHERE nspname = '${BESIDE}'`,
    );
    if (left?.shape !== shape || !(await isThere(manager))) {
      await dropBeside(manager);
      await manager.query(`CREATE SCHEMA ${BESIDE}`);
      await manager.query(`COMMENT ON SCHEMA ${BESIDE} IS '${shape}'`);
      await makeTables(manager, [manager.connection.getMetadata(CheckpointRow).tableName], BESIDE);
    }
    const known = await beside(manager, async () => {
      const begun = await checkpoints(manager, projections);
      const usable = new Map<ReadModelName, bigint>();
      for (const { name, rows } of projections) {
        const position = begun.get(name);
        if (position !== undefined && position <= head && (await missingTables(manager, rows)).length === 0) usable.set(name, position);
      }
      return usable;
    });
    const anew = projections.filter(({ name }) => !known.has(name));
    await manager.query(`DELETE FROM ${BESIDE}.checkpoints WHERE NOT read_model = ANY($1)`, [[...known.keys()]]);
    for (const table of tablesOf(manager, anew)) await manager.query(`DROP TABLE IF EXISTS ${BESIDE}.${table}`);
    await makeTables(manager, tablesOf(manager, anew), BESIDE);
    for (const { name, version } of anew)
      await manager.query(`INSERT INTO ${BESIDE}.checkpoints (read_model, position, version) VALUES ($1, 0, $2)`, [name, version]);
    return new Map(projections.map(({ name }) => [name, known.get(name) ?? 0n]));
  });
}

/** As `projectBatch`, into the tables beside. */
export async function projectBeside(
  { source, embedded }: Pick<Database, 'source' | 'embedded'>,
  projections: readonly Projection[],
  batch: Batch,
  follows: bigint,
): Promise<Projected> {
  return source.transaction(async (manager) => {
    if (!embedded) await limitPauses(manager);
    return beside(manager, () => projectBatchIn(manager, projections, batch, follows));
  });
}

/**
 * Puts tables that were made beside in the place of those that are read, and their checkpoints with them, in one transaction. It is tried for some seconds: somebody may be reading.
 * @param considered position up to which the log holds nothing that the rows beside lack
 * @throws Error where the rows beside are not as far as those that are read, or where it cannot be done
 */
export async function swapIn(
  database: Database,
  projections: readonly Projection[],
  considered: bigint,
  signal: AbortSignal,
): Promise<void> {
  const { source } = database;
  // Later than every row beside.
  const [{ last }] = await source.query<[{ last: string }]>(`SELECT pg_current_xact_id()::xid::text AS last`);
  for (let tries = 1; ; tries++) {
    try {
      return await source.transaction((manager) => swap(manager, projections, considered, database.embedded, last));
    } catch (error) {
      const { code } = ((error as { driverError?: unknown }).driverError ?? {}) as { code?: unknown };
      const isBusy = error instanceof StillRead || code === LOCK_NOT_AVAILABLE;
      if (!isBusy || signal.aborted || tries === SWAP_TRIES) throw error;
      await delay(SWAP_PAUSE_MS);
    }
  }
}

async function swap(
  manager: EntityManager,
  projections: readonly Projection[],
  considered: bigint,
  embedded: boolean,
  last: string,
): Promise<void> {
  const home = await currentSchema(manager);
  await becomeOnlyWriter(manager);
  await manager.query(`LOCK TABLE ${BESIDE}.checkpoints IN EXCLUSIVE MODE`);
  const made = await besidePositions(manager, projections);
  const shown = await storedCheckpoints(manager);
  const isBetter = ({ name, version }: Projection): boolean => {
    const old = shown.get(name);
    if (!made.has(name)) throw new Error(`what was made beside ${name} was dropped by another process`);
    if (old && old.version > version && !embedded) throw new Error(`the rows of ${name} were made by a newer version of the engine`);
    if (old === undefined || considered >= old.position) return true;
    // Rebuilt by hand meanwhile.
    if (old.version === version) return false;
    throw new Error(`what is made beside ${name} is at position ${considered}, what is read at ${old.position}`);
  };
  const better = projections.filter(isBetter);
  const tables = tablesOf(manager, better);
  if (tables.length > 0) {
    await manager.query(`SET LOCAL lock_timeout TO ${LOCK_MS}`);
    await manager.query(
      `LOCK TABLE ${tables.flatMap((table) => [`${home}.${table}`, `${BESIDE}.${table}`]).join(', ')} IN ACCESS EXCLUSIVE MODE`,
    );
    if (!embedded) await noOlderSnapshot(manager, last);
    for (const table of tables) {
      await manager.query(`DROP TABLE ${home}.${table}`);
      await manager.query(`ALTER TABLE ${BESIDE}.${table} SET SCHEMA ${home}`);
    }
    await manager.query(
      `INSERT INTO ${home}.checkpoints (read_model, position, version) SELECT read_model, $2::bigint, version FROM ${BESIDE}.checkpoints WHERE read_model = ANY($1)
       ON CONFLICT (read_model) DO UPDATE SET position = EXCLUDED.position, version = EXCLUDED.version`,
      [better.map(({ name }) => name), considered.toString()],
    );
  }
  await manager.query(`DELETE FROM ${BESIDE}.checkpoints WHERE read_model = ANY($1)`, [projections.map(({ name }) => name)]);
  const [{ left }] = await manager.query<[{ left: boolean }]>(`SELECT EXISTS (SELECT 1 FROM ${BESIDE}.checkpoints) AS left`);
  if (!left) await dropBeside(manager);
}

/**
 * A transaction that reads several tables sees of each the rows that were committed before it began: in a table that takes another's place meanwhile those that were made later
 * would be missing. So the swap waits until all rows beside are older than whatever anybody is reading.
 */
async function noOlderSnapshot(manager: EntityManager, last: string): Promise<void> {
  const [{ older }] = await manager.query<[{ older: boolean }]>(
    `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_type = 'client backend' AND age(backend_xmin) >= age($1::text::xid)) AS older`,
    [last],
  );
  if (older) throw new StillRead('somebody has been reading since before the new rows were whole');
}
