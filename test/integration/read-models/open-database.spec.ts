import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { DataFolderInUseError } from '@lifeos/data-folder';
import { programOf, until } from '@lifeos/test-support';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import type { EventLog } from '../../../src/application/ports/event-log.js';
import { openDatabase, type Database } from '../../../src/infrastructure/read-models/database/database.js';
import { ProjectionRunner } from '../../../src/infrastructure/read-models/projection/projection-runner.js';
import { ReadModelPositions } from '../../../src/infrastructure/read-models/projection/read-model-positions.js';
import { ReadModelsHealth } from '../../../src/infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from '../../../src/infrastructure/read-models/projection/rebuild.js';
import { createServerDatabase, describeOnPostgres, onServer } from './support/databases.js';
import { LogRecorder } from '../../application/support/log-recorder.js';
import { emptyDatabase, preparedFolder } from './support/prepared-database.js';
import { project } from './support/projecting.js';
import { logOf, Run } from './support/run.js';
import { checkpointsOf, tablesOf, type Tables } from './support/tables.js';

const failing = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

const newer = (source: DataSource): Promise<unknown> =>
  source.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`);

const schemaDifferences = async ({ source }: Database): Promise<readonly string[]> =>
  (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);

const tableNames = async ({ source }: Database): Promise<readonly string[]> =>
  (await source.query<{ name: string }[]>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).map(
    ({ name }) => name,
  );

describe('opening the embedded database', () => {
  let parent: string;
  let dataDir: string;
  let logger: LogRecorder;
  let rows: Tables;
  const log = logOf([new Run(1).submit()]);
  let empty: string;
  const open = (): Promise<Database> => openDatabase({ dataDir, thread: 'same', emptyDatabase: empty, logger });
  let template: string;

  // Making a database takes seconds, a copy does not.
  beforeAll(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'open-database-'));
    logger = new LogRecorder();
    empty = await emptyDatabase();
    template = await preparedFolder();
    dataDir = template;
    const database = await open();
    await project(database, log);
    rows = await tablesOf(database);
    await database.close();
  });
  beforeEach(async () => {
    logger = new LogRecorder();
    dataDir = await mkdtemp(path.join(parent, 'copy-'));
    await cp(template, dataDir, { recursive: true });
  });
  afterAll(() => Promise.all([parent, template].map((folder) => rm(folder, { recursive: true, force: true }))));

  it('has the tables that the row classes describe, keeps the rows and gives the folder back', async () => {
    const database = await open();
    expect(database.embedded).toBe(true);
    expect(await schemaDifferences(database)).toEqual([]);
    expect(await tablesOf(database)).toEqual(rows);
    expect(rows['workflows']).toHaveLength(1);
    await database.close();
    expect(await readdir(dataDir)).toEqual(['read-models']);
    expect(logger.lines).toEqual([]);
  });

  it('makes a folder that is not there', async () => {
    await rm(path.join(dataDir, 'read-models'), { recursive: true });
    await writeFile(path.join(dataDir, 'read-models.in-the-making'), 'of a start that was killed');
    const database = await open();
    expect(await schemaDifferences(database)).toEqual([]);
    await database.close();
    expect(await readdir(dataDir)).toEqual(['read-models']);
  });

  it('undoes its migrations', async () => {
    const database = await open();
    for (const _ of database.source.migrations) await database.source.undoLastMigration();
    expect(await tableNames(database)).toEqual(['migrations']);
    await database.close();
  });

  it('empties what older versions lack (a timeline that does not know positions, timers), alone, so that the log fills it again', async () => {
    const before = await open();
    const {
      timeline: reached,
      timers: _timers,
      'tool-waits': _waits,
      'parked-events': _parked,
      'dead-letters': _letters,
      schedules: _schedules,
      analytics: _analytics,
      deliveries: _deliveries,
      ...others
    } = await checkpointsOf(before);
    expect(reached).toBe(String(log[0]!.position));
    for (const _ of [
      'reminders',
      'fork',
      'analytics',
      'deliveries',
      'compensation',
      'schedules',
      'limits',
      'timers',
      'versions of projections',
      'positions in the timeline',
    ])
      await before.source.undoLastMigration();
    await before.close();
    const database = await open();
    expect(await tablesOf(database)).toEqual({ ...rows, timeline: [], analytics_open: [] });
    expect(await checkpointsOf(database)).toEqual(others);
    await project(database, log);
    expect(await tablesOf(database)).toEqual(rows);
    expect(rows['timeline']).toMatchObject([{ position: String(log[0]!.position) }]);
    await database.close();
  });

  const damage: readonly (readonly [string, () => Promise<void>])[] = [
    ['is cut short', () => truncate(path.join(dataDir, 'read-models', 'global', 'pg_control'), 10)],
    [
      'is empty',
      async () => {
        await rm(path.join(dataDir, 'read-models'), { recursive: true });
        await writeFile(path.join(dataDir, 'read-models'), '');
      },
    ],
  ];
  it.each(damage)('moves a folder that %s aside, says so and begins anew', async (_, hurt) => {
    await hurt();
    const fresh = await open();
    expect((await tablesOf(fresh))['workflows']).toEqual([]);
    await fresh.close();
    expect(logger.lines).toEqual([
      expect.stringMatching(/^warn: The embedded database did not open .* moved aside to read-models\.broken-/),
    ]);
    expect(await readdir(dataDir)).toEqual(['read-models', expect.stringMatching(/^read-models\.broken-\d{4}-/)]);
  });

  it('begins anew where a newer version has changed the tables', async () => {
    const database = await open();
    await newer(database.source);
    await database.close();
    const fresh = await open();
    await fresh.close();
    expect(logger.lines).toEqual([expect.stringContaining('a newer version of the engine has changed its tables (Later9999999999999)')]);
  });

  it('refuses a folder that is open in this process', async () => {
    const database = await open();
    await expect(open()).rejects.toThrow(DataFolderInUseError);
    await database.close();
  });

  it('refuses a folder that another process has', async () => {
    const program = await programOf(`
      import { FolderLock } from '@lifeos/data-folder';
      await FolderLock.take(process.argv[2]!);
      console.log('taken');
      setInterval(() => undefined, 1_000);
    `);
    const holder = spawn(process.execPath, [program, path.join(dataDir, 'read-models.lock')], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(holder.stdout, 'data');
      await expect(open()).rejects.toThrow(`The data folder ${dataDir} is in use by process ${holder.pid}.`);
      expect(await readdir(dataDir)).toEqual(['read-models', 'read-models.lock']);
    } finally {
      holder.kill('SIGKILL');
    }
  });
});

describeOnPostgres('opening a PostgreSQL database', () => {
  let server: Awaited<ReturnType<typeof createServerDatabase>>;
  beforeEach(async () => {
    server = await createServerDatabase();
  });
  afterEach(() => server.drop());

  const open = (): Promise<Database> => openDatabase({ url: server.url, dataDir: tmpdir(), logger: new LogRecorder() });

  it('makes the tables that the row classes describe', async () => {
    const database = await open();
    expect(database.embedded).toBe(false);
    expect(await schemaDifferences(database)).toEqual([]);
    await database.close();
  });

  it('runs migrations once when several nodes start together', async () => {
    const nodes = await Promise.all([open(), open(), open()]);
    expect(await nodes[0].source.query('SELECT name FROM migrations')).toHaveLength(nodes[0].source.migrations.length);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('refuses tables that a newer version has changed, and changes nothing', async () => {
    const database = await open();
    await newer(database.source);
    await database.close();
    await expect(open()).rejects.toThrow(
      /^The database at postgres:\/\/127\.0\.0\.1:5432\/lifeos_test_\w+ cannot be used: a newer version .* \(Later9999999999999\): run that version, or use another database$/,
    );
    expect(await onServer('SELECT name FROM migrations', server.url)).toHaveLength(database.source.migrations.length + 1);
  });
});

describe('a database that cannot be opened', () => {
  const failureOf = (url: string): Promise<string | Database> =>
    openDatabase({ url, dataDir: tmpdir(), logger: new LogRecorder() }).catch((error: Error) => error.message);

  it('is named in one line, with the reason and without the password', async () => {
    const failure = await failureOf('postgres://someone:s3same@127.0.0.1:1/nowhere');
    expect(failure).toMatch(/^The database at postgres:\/\/127\.0\.0\.1:1\/nowhere cannot be used: [^\n]*ECONNREFUSED/);
    expect(failure).not.toContain('s3same');
  });

  it.each([
    'postgres://someone:p@s3same@127.0.0.1:1/nowhere',
    'postgres://someone:1/s3same@127.0.0.1:1/nowhere',
    'postgres://someone:%zzs3same@127.0.0.1:1/nowhere',
    'postgres://127.0.0.1:1/nowhere?password=s3same',
    'postgres://127.0.0.1:1/nowhere?sslkey=/no/s3same.key',
    'postgres://127.0.0.1:port/s3same',
  ])('is not quoted: %s', async (url) => {
    const failure = await failureOf(url);
    expect(failure).toMatch(/^The database at .* cannot be used: .+$/);
    expect(failure).not.toContain('s3same');
  });
});

describeOnPostgres('a PostgreSQL database', () => {
  // The server lets in whoever asks, so a word of its own messages can be the password.
  it.each(['exist', 'database'])(
    'that is gone later says so without quoting its password (%s)',
    async (password) => {
      const server = await createServerDatabase();
      const url = new URL(server.url);
      url.password = password;
      const database = await openDatabase({ url: url.href, dataDir: tmpdir(), logger: new LogRecorder() });
      const logger = new LogRecorder();
      const never = {} as EventFeed & EventLog;
      const positions = new ReadModelPositions(database, never);
      const runner = new ProjectionRunner(database, never, never, positions, logger);
      await server.drop();
      // Connections that the server has ended are told to us one after the other; then there is nothing but new ones, which it refuses.
      const hidden = '3D000; its message is not shown, for it may quote a password';
      await until('a new connection is refused', async () => (await failing(database.check())).message === hidden, 30_000);
      const readiness = new ReadModelsHealth(database, never, positions);
      readiness.expect(0n);
      expect((await failing(readiness.check())).message).toBe(hidden);
      expect(await failing(positions.position())).toMatchObject({ code: 'database.unavailable' });
      expect((await failing(rebuildReadModels(database, never, never, [], () => undefined))).message).toBe(hidden);
      runner.start();
      await until('the projector complains', () => logger.lines.length > 0, 30_000);
      await runner.stop();
      expect(logger.lines[0]).toBe(`warn: the projections stopped and will go on: ${hidden}`);
      await database.close();
    },
    90_000,
  );

  it('may end a connection in the moment between its last answer and its next use', async () => {
    const server = await createServerDatabase();
    const database = await openDatabase({ url: server.url, dataDir: tmpdir(), logger: new LogRecorder() });
    const pool = (database.source.driver as unknown as { readonly master: Pool }).master;
    // As where both come in one packet: nobody who takes the connection could have begun to listen.
    const told = new Promise<unknown>((resolve) => {
      pool.connect((error, client, release) => {
        try {
          client!.emit('error', new Error('terminating connection due to administrator command'));
          resolve(error);
        } catch (fault) {
          resolve(fault);
        } finally {
          release(true);
        }
      });
    });
    expect(await told).toBeUndefined();
    await database.check();
    await database.close();
    await server.drop();
  });
});
