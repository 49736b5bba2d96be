import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { programFrom } from '@lifeos/test-support';
import { createServerDatabase, onServer } from '../../integration/read-models/support/databases.js';
import { removeFolder, serveEngine, stopEngine, temporaryFolder, type LifeosProcess, type ServedEngine } from './engine-process.js';
import { freePort, startEventStore } from './event-store-process.js';
import { ask } from './http.js';

/** Key of the lock of the node that projects (projector-lock.ts). */
const PROJECTOR_LOCK = 5_701_002;

export interface NodeDto {
  readonly worker: string;
  readonly pid: number;
  readonly is_self: boolean;
  readonly lease: 'held' | 'over';
  readonly running: number;
}

export interface Call {
  readonly name: string;
  readonly attempt: number;
  readonly pid: number;
}

/** What the nodes share, of the test's own. */
export interface NodesDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Engines with the tool `hold`, in processes of their own, over one event-store process and a database of their own. */
export class TestNodes {
  /** Undefined where it is to be started, or was stopped. */
  readonly engines: (ServedEngine | undefined)[] = [];
  /** What the nodes printed that ended since. */
  private ended = '';

  private constructor(
    private readonly folder: string,
    private readonly program: string,
    private readonly port: number,
    private store: LifeosProcess,
    private readonly database: NodesDatabase,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param openDatabase in a folder of the nodes', which goes with them */
  static async start(
    count: number,
    environment: Readonly<Record<string, string>>,
    openDatabase: (folder: string) => Promise<NodesDatabase> = createServerDatabase,
  ): Promise<TestNodes> {
    const folder = await temporaryFolder();
    const port = await freePort();
    const [program, store, database] = await Promise.all([
      programFrom('test/e2e/support/engine-with-test-tools.program.ts'),
      startEventStore(port, path.join(folder, 'store')),
      openDatabase(folder),
    ]);
    const nodes = new TestNodes(folder, program, port, store, database, environment);
    await nodes.add(count);
    return nodes;
  }

  async add(count: number): Promise<void> {
    this.engines.push(...Array.from({ length: count }, () => undefined));
    await this.startMissing();
  }

  /** Starts those that were stopped or killed. */
  async startMissing(): Promise<void> {
    await Promise.all(this.engines.map(async (engine, index) => engine ?? (this.engines[index] = await this.startNode(index))));
  }

  /** Stops a node in good order, and starts one of another program in its place. */
  async update(index: number, program: string): Promise<void> {
    await this.stop(index);
    this.engines[index] = await this.startNode(index, program);
  }

  /** The version of a read model whose rows are read. */
  async versionOf(readModel: string): Promise<number> {
    const [row] = await onServer(`SELECT version FROM checkpoints WHERE read_model = '${readModel}'`, this.database.url);
    return Number(row!['version']);
  }

  private startNode(index: number, program = this.program): Promise<ServedEngine> {
    return serveEngine(
      path.join(this.folder, 'data'),
      {
        EVENTSTORE_URL: `esdb://127.0.0.1:${this.port}?tls=false`,
        DATABASE_URL: this.database.url,
        // So that the database's server tells whose sessions it has.
        PGAPPNAME: `node-${index}`,
        ...this.environment,
      },
      program,
    );
  }

  url(index: number): string {
    return this.engines[index]!.url;
  }

  get urls(): readonly string[] {
    return this.engines.flatMap((engine) => (engine ? [engine.url] : []));
  }

  process(index: number): LifeosProcess {
    return this.engines[index]!.process;
  }

  indexOfProcess(pid: number): number {
    return this.engines.findIndex((engine) => engine?.process.pid === pid);
  }

  async kill(index: number): Promise<void> {
    await this.end(index, async ({ process }) => {
      process.kill('SIGKILL');
      await process.exited;
    });
  }

  async stop(index: number): Promise<void> {
    await this.end(index, async (engine) => expect(await stopEngine(engine)).toEqual({ code: 0, signal: null }));
  }

  private async end(index: number, how: (engine: ServedEngine) => Promise<void>): Promise<void> {
    const engine = this.engines[index]!;
    this.engines[index] = undefined;
    await how(engine);
    this.ended += engine.process.output;
  }

  async killStore(): Promise<void> {
    this.store.kill('SIGKILL');
    await this.store.exited;
  }

  async startStore(): Promise<void> {
    this.store = await startEventStore(this.port, path.join(this.folder, 'store'));
  }

  /** Everything that nodes have printed. */
  get output(): string {
    return this.ended + this.engines.map((engine) => engine?.process.output ?? '').join('');
  }

  list = async (index: number): Promise<readonly NodeDto[]> =>
    (await ask<{ items: readonly NodeDto[] }>(this.url(index), 'GET', '/api/nodes')).body.items;

  /** Which of them projects; undefined while none does. */
  async projecting(): Promise<number | undefined> {
    const [row] = await onServer(
      `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND objid = ${PROJECTOR_LOCK} AND granted AND datname = current_database()`,
      this.database.url,
    );
    return row && Number(String(row['name']).slice('node-'.length));
  }

  /** A step that lasts until the test lets it go; without a name one that answers at once. */
  step = (key: string, name?: string, more: object = {}): object => ({
    key,
    tool: 'hold',
    args: { folder: this.folder, ...(name !== undefined && { name }), ...more },
  });

  async submit(index: number, steps: readonly object[]): Promise<number> {
    const { status, body } = await ask<{ workflow_id: number }>(this.url(index), 'POST', '/api/workflows', { user_id: 1, plan: { steps } });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.workflow_id;
  }

  async letGo(name: string): Promise<void> {
    await writeFile(path.join(this.folder, `go-${name}`), '');
  }

  /** The calls of a step that lasts, in their order. */
  async calls(name: string): Promise<readonly Call[]> {
    const text = await readFile(path.join(this.folder, 'calls'), 'utf8').catch(() => '');
    const calls = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Call]));
    return calls.filter((call) => call.name === name);
  }

  async dispose(): Promise<void> {
    await Promise.all(
      this.engines.map(async (engine, index) => {
        // One that a failed test has left stopped.
        engine?.process.kill('SIGCONT');
        if (engine) await this.stop(index);
      }),
    );
    this.store.kill('SIGTERM');
    await this.store.exited;
    await this.database.drop();
    await removeFolder(this.folder);
  }
}
