import type { Database } from '../../../../src/infrastructure/read-models/database/database.js';
import { PROJECTIONS } from '../../../../src/infrastructure/read-models/projection/projections.js';

export type Tables = Readonly<Record<string, readonly unknown[]>>;

/** Every row of every read model, as stored, in the order of their keys. Without checkpoints. */
export async function tablesOf({ source }: Database): Promise<Tables> {
  const tables: Record<string, readonly unknown[]> = {};
  for (const row of PROJECTIONS.flatMap(({ rows }) => rows)) {
    const { tableName, primaryColumns } = source.getMetadata(row);
    const keys = primaryColumns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
    tables[tableName] = await source.query(`SELECT * FROM ${tableName} ORDER BY ${keys}`);
  }
  return tables;
}

/** Checkpoint of each read model. */
export async function checkpointsOf({ source }: Database): Promise<Readonly<Record<string, string>>> {
  const rows: readonly { read_model: string; position: string }[] = await source.query('SELECT * FROM checkpoints');
  return Object.fromEntries(rows.map(({ read_model, position }) => [read_model, position]));
}
