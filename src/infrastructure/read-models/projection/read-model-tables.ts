import type { EntityManager } from 'typeorm';
import { CheckpointRow } from './checkpoint.row.js';
import { PROJECTIONS } from './projections.js';
import type { Projection } from './projection.js';

/** Where the migrations run once more to make what is missing; it lives as long as a transaction. */
const WORKSHOP = 'lifeos_tables_made_anew';

const columnsOf = (manager: EntityManager, row: Projection['rows'][number]): readonly (readonly [table: string, column: string])[] => {
  const { tableName, columns } = manager.connection.getMetadata(row);
  return columns.map(({ databaseName }) => [tableName, databaseName] as const);
};

/** Those of the rows' tables that are not there, or lack a column. */
export async function missingTables(manager: EntityManager, rows: Projection['rows']): Promise<readonly string[]> {
  const wanted = rows.flatMap((row) => columnsOf(manager, row));
  const missing = await manager.query<{ name: string }[]>(
    `SELECT DISTINCT name FROM unnest($1::text[], $2::text[]) AS wanted (name, field) WHERE NOT EXISTS (
       SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(name)) AND attname = field AND NOT attisdropped) ORDER BY name`,
    [wanted.map(([table]) => table), wanted.map(([, column]) => column)],
  );
  return missing.map(({ name }) => name);
}

/**
 * What a person must know where tables of read models are gone, or lack columns: somebody changed the database, and only a rebuild makes them again.
 * Undefined where all are there.
 */
export async function missingReadModels(manager: EntityManager, embedded: boolean): Promise<string | undefined> {
  const missing = await missingTables(manager, [CheckpointRow, ...PROJECTIONS.flatMap(({ rows }) => rows)]);
  if (missing.length === 0) return undefined;
  const isMissing = (row: Projection['rows'][number]): boolean => missing.includes(manager.connection.getMetadata(row).tableName);
  // Without checkpoints nobody knows how far the rows of any read model are.
  const names = isMissing(CheckpointRow) ? [] : PROJECTIONS.filter(({ rows }) => rows.some(isMissing)).map(({ name }) => name);
  const command = names.length === 0 ? 'npm run rebuild' : `npm run rebuild -- ${names.join(' ')}`;
  return `not usable: ${names.join(', ') || 'all'} (no table ${missing.join(', ')}): ${embedded ? 'stop the engine and ' : ''}run "${command}"`;
}

/** Where unqualified names of new tables lead, quoted. */
export async function currentSchema(manager: EntityManager): Promise<string> {
  const [{ home }] = await manager.query<[{ home: string }]>('SELECT quote_ident(current_schema()) AS home');
  return home;
}

/** Makes the tables of the rows that are missing, empty and as the migrations make them, with their indexes. To be called in a transaction. */
export async function makeMissingTables(manager: EntityManager, rows: Projection['rows']): Promise<void> {
  const missing = await missingTables(manager, rows);
  const home = await currentSchema(manager);
  for (const table of missing) await manager.query(`DROP TABLE IF EXISTS ${table}`);
  await makeTables(manager, missing, home);
}

/** Makes tables in a schema that has none of these names, as the migrations make them. To be called in a transaction. */
export async function makeTables(manager: EntityManager, tables: readonly string[], schema: string): Promise<void> {
  if (tables.length === 0) return;
  const runner = manager.queryRunner!;
  const [{ path }] = (await runner.query(`SELECT current_setting('search_path') AS path`)) as [{ path: string }];
  await runner.query(`CREATE SCHEMA ${WORKSHOP}`);
  await runner.query(`SET LOCAL search_path TO ${WORKSHOP}`);
  for (const migration of manager.connection.migrations) await migration.up(runner);
  await runner.query(`SELECT set_config('search_path', $1, true)`, [path]);
  for (const table of tables) await runner.query(`ALTER TABLE ${WORKSHOP}.${table} SET SCHEMA ${schema}`);
  await runner.query(`DROP SCHEMA ${WORKSHOP} CASCADE`);
}
