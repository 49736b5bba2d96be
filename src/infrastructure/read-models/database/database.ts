import { existsSync } from 'node:fs';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { DataSource } from 'typeorm';
import { FolderLock } from '@lifeos/data-folder';
import type { Logger } from '../../../application/ports/logger.js';
import { printableAddress, printableReason } from '../../config/printable-address.js';
import { CheckpointRow } from '../projection/checkpoint.row.js';
import { PROJECTIONS } from '../projection/projections.js';
import { openOrAfresh } from './broken-folder.js';
import { copyEmptyDatabase, EMPTY_DATABASE } from './empty-database.js';
import { Analytics1764900000000 } from './analytics.migration.js';
import { Compensation1764700000000 } from './compensation.migration.js';
import { Fork1765000000000 } from './fork.migration.js';
import { Reminders1765500000000 } from './reminders.migration.js';
import { Deliveries1764800000000 } from './deliveries.migration.js';
import { Initial1763900000000 } from './initial.migration.js';
import { Schedules1764600000000 } from './schedules.migration.js';
import { Waiting1764400000000 } from './waiting.migration.js';
import { Limits1764500000000 } from './limits.migration.js';
import { TimelinePositions1764200000000 } from './timeline-positions.migration.js';
import { ProjectionVersions1764300000000 } from './projection-versions.migration.js';
import { hostPglite, hostPgliteInThread, type PgliteHost } from './pglite-host.js';

export interface DatabaseOptions {
  /** A Postgres server; undefined: PGlite under the data folder. */
  readonly url?: string;
  readonly dataDir: string;
  /** Where PGlite computes: a worker thread exists only in the compiled program. */
  readonly thread?: 'worker' | 'same';
  /** An initialised PGlite folder, of which new ones are copies. */
  readonly emptyDatabase?: string;
  readonly logger: Logger;
}

type EmbeddedOptions = Required<Pick<DatabaseOptions, 'thread' | 'emptyDatabase'>>;

/** Connections to a real server; PGlite has one. */
const POOL = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** PGlite does not listen anywhere: the driver wants an address, and gets a stream. */
const EMBEDDED_ADDRESS = 'postgres://postgres@embedded/postgres';
/** Key of the lock under which migrations run, so that nodes which start together do not run them twice. */
const MIGRATION_LOCK = 5_701_001;

/** The read models' database, migrated. */
export class Database {
  constructor(
    readonly source: DataSource,
    /** True: one connection, one process. */
    readonly embedded: boolean,
    /** Resolves with the reason if it ends by itself. A server that goes away may come back. */
    readonly failed: Promise<Error>,
    private readonly release: () => Promise<void>,
    /** With its secrets. */
    private readonly address: string,
  ) {}

  /** @throws Error whose message may be printed */
  async check(): Promise<void> {
    await this.answer(() => this.source.query('SELECT 1'));
  }

  /** What it answers. @throws Error whose message may be printed, as those of the driver may not */
  async answer<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw new Error(this.reasonOf(error), { cause: error });
    }
  }

  /** What an error in its use says, in one line: the driver quotes what it stumbles over, which may be a part of a password. */
  reasonOf(error: unknown): string {
    return printableReason(error, this.address);
  }

  async close(): Promise<void> {
    await this.source.destroy();
    await this.release();
  }
}

/**
 * A client whose errors somebody always hears. The pool listens to those that are idle, and whoever takes one begins to listen a moment later: what a server says in between, in one breath with
 * its last answer, would end the process. The next use of the client fails all the same, and the pool does not keep it.
 */
class HeardClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

function sourceFor(url: string, host?: PgliteHost): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [CheckpointRow, ...PROJECTIONS.flatMap(({ rows }) => rows)],
    migrations: [
      Initial1763900000000,
      TimelinePositions1764200000000,
      ProjectionVersions1764300000000,
      Waiting1764400000000,
      Limits1764500000000,
      Schedules1764600000000,
      Compensation1764700000000,
      Deliveries1764800000000,
      Analytics1764900000000,
      Fork1765000000000,
      Reminders1765500000000,
    ],
    migrationsTableName: 'migrations',
    poolSize: host ? 1 : POOL,
    extra: { Client: HeardClient, ...(host && { stream: () => host.connect() }) },
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    logging: false,
  });
}

/** A database that knows migrations which this version does not was brought up to date by a newer one. */
async function refuseNewer(source: DataSource): Promise<void> {
  const [{ present }] = await source.query<[{ present: boolean }]>(`SELECT to_regclass('migrations') IS NOT NULL AS present`);
  if (!present) return;
  const applied = await source.query<{ name: string }[]>('SELECT name FROM migrations');
  const known = new Set(source.migrations.map((migration) => migration.name ?? migration.constructor.name));
  const unknown = applied.find(({ name }) => !known.has(name));
  if (unknown)
    throw new Error(`a newer version of the engine has changed its tables (${unknown.name}): run that version, or use another database`);
}

async function migrate(source: DataSource): Promise<void> {
  await refuseNewer(source);
  await source.runMigrations({ transaction: 'all' });
}

async function migrateAlone(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  try {
    await migrate(source);
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
    await runner.release();
  }
}

async function openServer(url: string): Promise<Database> {
  let source: DataSource | undefined;
  try {
    source = sourceFor(url);
    await source.initialize();
    await migrateAlone(source);
    return new Database(source, false, new Promise(() => undefined), () => Promise.resolve(), url);
  } catch (error) {
    if (source?.isInitialized) await source.destroy();
    throw new Error(`The database at ${printableAddress(url)} cannot be used: ${printableReason(error, url)}`, { cause: error });
  }
}

async function openPglite(
  folder: string,
  { thread, emptyDatabase }: EmbeddedOptions,
): Promise<{ readonly source: DataSource; readonly host: PgliteHost }> {
  if (!existsSync(folder)) await copyEmptyDatabase(emptyDatabase, folder);
  const host = await (thread === 'worker' ? hostPgliteInThread(folder) : hostPglite(folder));
  const source = sourceFor(EMBEDDED_ADDRESS, host);
  try {
    await source.initialize();
    await migrate(source);
    return { source, host };
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    await host.stop();
    throw error;
  }
}

/**
 * Opens the database and brings its tables up to date. A PGlite folder that does not open is moved aside: its rows come back from the log.
 * @throws DataFolderInUseError when another process has the embedded database; Error in one line where a server cannot be used
 */
export async function openDatabase({
  url,
  dataDir,
  thread = 'worker',
  emptyDatabase = EMPTY_DATABASE,
  logger,
}: DatabaseOptions): Promise<Database> {
  if (url !== undefined) return openServer(url);
  const folder = path.join(dataDir, 'read-models');
  // Beside the folder, which may be moved.
  const lock = await FolderLock.take(`${folder}.lock`);
  try {
    const { source, host } = await openOrAfresh(folder, logger, () => openPglite(folder, { thread, emptyDatabase }));
    const release = async (): Promise<void> => {
      await host.stop();
      lock.release();
    };
    return new Database(source, true, host.failed, release, EMBEDDED_ADDRESS);
  } catch (error) {
    lock.release();
    throw error;
  }
}
