import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { DataFolderInUseError } from '@lifeos/data-folder';
import { unique, until, upTo } from '@lifeos/test-support';
import { Client, Pool } from 'pg';
import { openDatabase } from '../../../src/infrastructure/read-models/database/database.js';
import { SharedPglite } from '../../../src/infrastructure/read-models/shared-pglite/shared-pglite.js';
import { LogRecorder } from '../../application/support/log-recorder.js';
import { preparedFolder } from './support/prepared-database.js';

const LOCK = 77;

describe('the embedded database as a server for several processes', () => {
  let dataDir: string;
  let database: SharedPglite;
  let clients: Client[] = [];
  const logger = new LogRecorder();

  const start = async (longestPauseMs?: number): Promise<SharedPglite> =>
    SharedPglite.start({ dataDir, port: 0, logger, ...(longestPauseMs !== undefined && { longestPauseMs }) });

  async function client(): Promise<Client> {
    const one = new Client({ connectionString: database.url });
    // What ends a session is told to whoever asks next, too.
    one.on('error', () => undefined);
    clients.push(one);
    await one.connect();
    return one;
  }

  async function twoClients(): Promise<readonly [Client, Client]> {
    return [await client(), await client()];
  }

  /** Not `once`, which fails with what the server says last. */
  const endOf = (one: Client): Promise<void> => new Promise((resolve) => void one.on('end', resolve));

  /** As its process dies: without a word. */
  function kill(one: Client): void {
    (one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async function table(columns: string): Promise<string> {
    const name = unique('t');
    await (await client()).query(`CREATE TABLE ${name} (${columns})`);
    return name;
  }

  const numbersIn = async (one: Client, name: string): Promise<readonly unknown[]> =>
    (await one.query<{ n: number }>(`SELECT n FROM ${name} ORDER BY n`)).rows.map(({ n }) => n);

  const valueOf = async (one: Client, sql: string): Promise<unknown> =>
    Object.values((await one.query<Record<string, unknown>>(sql)).rows[0]!)[0];
  const lock = (one: Client): Promise<unknown> => valueOf(one, `SELECT pg_try_advisory_lock(${LOCK}) AS locked`);

  beforeAll(async () => {
    dataDir = await preparedFolder();
    database = await start();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
    clients = [];
  });
  afterAll(async () => {
    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('interleaves no transactions: whoever comes in between waits until the end', async () => {
    const [one, two] = await twoClients();
    const name = await table('n int');
    await one.query('BEGIN');
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    let seen: readonly unknown[] | undefined;
    const reading = numbersIn(two, name).then((numbers) => (seen = numbers));
    await one.query(`INSERT INTO ${name} VALUES ($1)`, [2]);
    expect(seen).toBeUndefined();
    await one.query('COMMIT');
    await reading;
    expect(seen).toEqual([1, 2]);
  });

  it('serves those who wait in the order in which they came', async () => {
    const [first, ...others] = [await client(), await client(), await client(), await client()];
    await first.query('BEGIN');
    const order: number[] = [];
    const waiting: Promise<unknown>[] = [];
    for (const [index, other] of others.entries()) waiting.push(other.query('SELECT 1').then(() => order.push(index)));
    await first.query('COMMIT');
    await Promise.all(waiting);
    expect([...order].sort()).toEqual([0, 1, 2]);
    expect(order).toEqual([0, 1, 2]);
  });

  it('rolls back what a client has begun that dies, and the others go on', async () => {
    const [one, two] = await twoClients();
    const name = await table('n int');
    await one.query('BEGIN');
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    const reading = numbersIn(two, name);
    kill(one);
    expect(await reading).toEqual([]);
    await two.query(`INSERT INTO ${name} VALUES (2)`);
    expect(await numbersIn(two, name)).toEqual([2]);
  });

  it('says what is wrong with a statement to whoever said it, within a transaction too', async () => {
    const [one, two] = await twoClients();
    await one.query('BEGIN');
    await expect(one.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
    await expect(one.query('SELECT $1::int', [1])).rejects.toMatchObject({ code: '25P02' });
    const other = valueOf(two, 'SELECT 2 AS n');
    await one.query('ROLLBACK');
    expect(await other).toBe(2);
    await expect(one.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    expect(await valueOf(one, 'SELECT 1 AS n')).toBe(1);
  });

  it('keeps an advisory lock to one client until that gives it back as often as it took it', async () => {
    const [one, two] = await twoClients();
    expect([await lock(one), await lock(one), await lock(two)]).toEqual([true, true, false]);
    const unlock = (who: Client): Promise<unknown> => valueOf(who, `SELECT pg_advisory_unlock(${LOCK})`);
    expect([await unlock(two), await unlock(one), await lock(two), await unlock(one), await lock(two)]).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  it('keeps it through a transaction that is rolled back', async () => {
    const [one, two] = await twoClients();
    await one.query('BEGIN');
    expect(await lock(one)).toBe(true);
    await one.query('ROLLBACK');
    expect(await lock(two)).toBe(false);
  });

  it('frees it with the session of its client, however that ends', async () => {
    const [one, two] = await twoClients();
    expect([await lock(one), await lock(two)]).toEqual([true, false]);
    kill(one);
    await until('the lock', async () => (await lock(two)) === true);
    await two.end();
    const three = await client();
    await until('the lock', async () => (await lock(three)) === true);
  });

  it('lets a client wait for a lock while the others work', async () => {
    const [one, two] = await twoClients();
    const name = await table('n int');
    await one.query(`SELECT pg_advisory_lock(${LOCK})`);
    let isLocked = false;
    const waiting = two.query(`SELECT pg_advisory_lock(${LOCK})`).then(() => (isLocked = true));
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    expect([await numbersIn(one, name), isLocked]).toEqual([[1], false]);
    await one.query(`SELECT pg_advisory_unlock(${LOCK})`);
    await waiting;
    expect(await lock(one)).toBe(false);
    await two.query('BEGIN');
    const third = await client();
    const inTransaction = third.query('BEGIN').then(() => third.query(`SELECT pg_advisory_lock(${LOCK})`));
    await Promise.all([two.query('COMMIT'), expect(inTransaction).rejects.toMatchObject({ code: '55P03' })]);
  });

  it('forgets a client that dies while it waits for a lock', async () => {
    const [one, two] = await twoClients();
    const three = await client();
    await one.query(`SELECT pg_advisory_lock(${LOCK})`);
    const waiting = two.query(`SELECT pg_advisory_lock(${LOCK})`);
    kill(two);
    await expect(waiting).rejects.toThrow();
    await one.query(`SELECT pg_advisory_unlock(${LOCK})`);
    expect(await lock(three)).toBe(true);
  });

  it('ends the session of a client that is silent for longer than it asked for, and nobody else', async () => {
    const [one, two] = await twoClients();
    expect(await lock(one)).toBe(true);
    const ended = endOf(one);
    await one.query(`SELECT set_config(name, '100', false) FROM pg_settings WHERE name = 'idle_session_timeout'`);
    await ended;
    expect(await lock(two)).toBe(true);
  });

  it('ends one that is silent in its transaction for longer than it set', async () => {
    const [one, two] = await twoClients();
    const name = await table('n int');
    const ended = endOf(one);
    await one.query('BEGIN');
    await one.query('SET LOCAL idle_in_transaction_session_timeout = 100');
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    expect(await numbersIn(two, name)).toEqual([]);
    await ended;
    await expect(one.query('COMMIT')).rejects.toThrow();
  });

  it('knows prepared statements, portals and transactions of each client apart', async () => {
    const [one, two] = await twoClients();
    const ask = (who: Client, text: string): Promise<unknown> =>
      who.query<{ n: unknown }>({ name: 'same', text, values: [1] }).then(({ rows }) => rows[0]!.n);
    for (let turn = 0; turn < 3; turn++) {
      expect(await ask(one, 'SELECT $1::int + 1 AS n')).toBe(2);
      expect(await ask(two, `SELECT $1::text || '!' AS n`)).toBe('1!');
    }
  });

  it('refuses what one session cannot keep apart', async () => {
    const one = await client();
    const refused = [
      'SET search_path TO elsewhere',
      'LISTEN something',
      'COPY pg_class FROM STDIN',
      'CREATE TEMP TABLE mine (n int)',
      'SELECT pg_advisory_lock(1, 2)',
      "SELECT set_config('search_path', 'elsewhere', false)",
      'BEGIN; SET statement_timeout = 1',
    ];
    for (const sql of refused) await expect(one.query(sql)).rejects.toMatchObject({ code: '0A000' });
    await expect(one.query('SELECT pg_try_advisory_lock($1)', [1])).rejects.toThrow();
    await one.query('BEGIN');
    await one.query('SET LOCAL search_path TO elsewhere');
    await one.query('COMMIT');
    expect(await valueOf(one, `SELECT 'SET a; SET b, pg_advisory_lock(1)' AS n`)).toBe('SET a; SET b, pg_advisory_lock(1)');
  });

  it('ends a client that does not speak the protocol, and nobody else', async () => {
    const one = await client();
    await one.query('BEGIN');
    const { port } = new URL(database.url);
    const opening = Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]);
    const garbage = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.concat([opening, Buffer.from('y\0\0\0\x08abcd')]),
      Buffer.concat([opening, Buffer.from('Q\xff\xff\xff\xff', 'latin1')]),
      Buffer.concat([opening, Buffer.from('Q\0\0\0\x07abc')]),
      Buffer.concat([opening, Buffer.from('B\0\0\0\x06ab')]),
      Buffer.concat([opening, Buffer.from('F\0\0\0\x04')]),
    ];
    for (const bytes of garbage) {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
      socket.on('error', () => undefined).resume();
      await once(socket, 'close');
    }
    await one.query('COMMIT');
    expect(await valueOf(one, 'SELECT 1 AS n')).toBe(1);
  });

  it('gives two pools of eight what they ask for, in transactions and outside', async () => {
    const name = await table('n int PRIMARY KEY, total int NOT NULL');
    const one = await client();
    await one.query(`INSERT INTO ${name} VALUES (0, 0)`);
    const pools = [new Pool({ connectionString: database.url, max: 8 }), new Pool({ connectionString: database.url, max: 8 })];
    const add = async (pool: Pool, n: number): Promise<void> => {
      const own = await pool.connect();
      await own.query('BEGIN');
      // Somebody in between would make it lose its addition.
      const { rows } = await own.query<{ total: number }>(`SELECT total FROM ${name} WHERE n = $1`, [0]);
      await own.query({ name: 'add', text: `UPDATE ${name} SET total = $1 WHERE n = 0`, values: [rows[0]!.total + 1] });
      await own.query(`INSERT INTO ${name} VALUES ($1, 0)`, [n]);
      await own.query(n % 5 === 0 ? 'ROLLBACK' : 'COMMIT');
      own.release();
    };
    const ask = async (pool: Pool, n: number): Promise<void> => {
      const { rows } = await pool.query<{ n: number; text: string }>(`SELECT $1::int AS n, repeat('x', $1::int * 100) AS text`, [n]);
      expect([rows[0]!.n, rows[0]!.text.length]).toEqual([n, n * 100]);
    };
    const numbers = upTo(200).map((n) => n + 1);
    await Promise.all(numbers.flatMap((n) => [add(pools[n % 2]!, n), ask(pools[(n + 1) % 2]!, n)]));
    await Promise.all(pools.map((pool) => pool.end()));
    expect(await valueOf(one, `SELECT total FROM ${name} WHERE n = 0`)).toBe(160);
    expect(await valueOf(one, `SELECT count(*)::int FROM ${name}`)).toBe(161);
  }, 60_000);

  it('is a database for several engines, which make its tables once', async () => {
    const opened = await Promise.all(upTo(3).map(() => openDatabase({ url: database.url, dataDir, logger })));
    for (const one of opened) await one.check();
    expect(await valueOf(await client(), 'SELECT count(*) = count(DISTINCT name) FROM migrations')).toBe(true);
    await Promise.all(opened.map((one) => one.close()));
  }, 60_000);

  it('keeps the folder to itself, ends its clients when it stops, and has its rows when it starts again', async () => {
    const name = await table('n int');
    const one = await client();
    await one.query(`INSERT INTO ${name} VALUES (1)`);
    await expect(start()).rejects.toThrow(DataFolderInUseError);
    const ended = endOf(one);
    await database.stop();
    await ended;
    database = await start(100);
    const [two, three] = await twoClients();
    const silent = endOf(two);
    await two.query('BEGIN');
    await two.query(`DELETE FROM ${name}`);
    // Nobody set a limit: it is the server's.
    expect(await numbersIn(three, name)).toEqual([1]);
    await silent;
  }, 60_000);
});
