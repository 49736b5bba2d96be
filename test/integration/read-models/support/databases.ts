import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Client } from 'pg';
import { openDatabase, type Database } from '../../../../src/infrastructure/read-models/database/database.js';
import { SharedPglite } from '../../../../src/infrastructure/read-models/shared-pglite/shared-pglite.js';
import { dropBeside } from '../../../../src/infrastructure/read-models/projection/beside.js';
import { clear } from '../../../../src/infrastructure/read-models/projection/project-batch.js';
import { PROJECTIONS } from '../../../../src/infrastructure/read-models/projection/projections.js';
import { LogRecorder } from '../../../application/support/log-recorder.js';
import { preparedFolder } from './prepared-database.js';

/** A database of its own for a spec, on one of the kinds the engine runs on. */
export interface TestDatabase {
  readonly database: Database;
  readonly logger: LogRecorder;
  /** Where the database is; to be opened again. */
  readonly place: { readonly url?: string; readonly dataDir: string };
  dispose(): Promise<void>;
}

export type OpenTestDatabase = () => Promise<TestDatabase>;

export const openEmbedded: OpenTestDatabase = async () => {
  const dataDir = await preparedFolder();
  const logger = new LogRecorder();
  const place = { dataDir };
  const database = await openDatabase({ ...place, thread: 'same', logger });
  return {
    database,
    logger,
    place,
    dispose: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** The embedded database as several engines share it. */
export const openShared: OpenTestDatabase = async () => {
  const dataDir = await preparedFolder();
  const logger = new LogRecorder();
  const server = await SharedPglite.start({ dataDir, port: 0, logger });
  const place = { url: server.url, dataDir };
  const database = await openDatabase({ ...place, logger });
  return {
    database,
    logger,
    place,
    dispose: async () => {
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

const SERVER = process.env['TEST_DATABASE_URL'];

/** Runs the tests on PostgreSQL where the environment names one; elsewhere the report says that they were skipped, and why. */
export const describeOnPostgres = (title: string, tests: () => void): void => {
  if (SERVER === undefined)
    describe.skip(`${title} (TEST_DATABASE_URL is not set)`, () => void it('needs a PostgreSQL server', () => undefined));
  else describe(title, tests);
};

/** Runs one statement on a connection of its own. */
export async function onServer(statement: string, url = SERVER!): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** An empty database on the server. */
export async function createServerDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const name = `lifeos_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER!);
  url.pathname = `/${name}`;
  return { url: url.href, drop: async () => void (await onServer(`DROP DATABASE ${name} WITH (FORCE)`)) };
}

export const openPostgres: OpenTestDatabase = async () => {
  const { url, drop } = await createServerDatabase();
  const logger = new LogRecorder();
  const place = { url, dataDir: tmpdir() };
  const database = await openDatabase({ ...place, logger });
  return {
    database,
    logger,
    place,
    dispose: async () => {
      await database.close();
      await drop();
    },
  };
};

/** Empties all read models, so that tests can share a database. */
export const emptyAll = ({ source }: Database): Promise<void> =>
  source.transaction(async (manager) => {
    for (const projection of PROJECTIONS) await clear(manager, projection);
    await dropBeside(manager);
  });
