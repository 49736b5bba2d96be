import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterProcess } from './cluster-process.js';

export interface ClusterSettings {
  /** How many engines. */
  readonly nodes: number;
  /** Port of the first one; the others have those that follow. */
  readonly firstPort: number;
  /** All of them share it: an effect that an outbox keeps happens once only where there is one outbox. */
  readonly dataDir: string;
  /** Of an event store that runs already; undefined: one is started. */
  readonly eventStoreUrl: string | undefined;
  /** Of a PostgreSQL server; undefined: a process with the embedded database is started, which they share. */
  readonly databaseUrl: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Pause between questions whether a node is ready, in milliseconds. */
const ASK_EVERY_MS = 100;
/** How long a node may take for an answer to such a question. */
const ANSWER_MS = 2_000;
/** Within which time all have to be ready: an event store of somebody else's may be away. */
const START_MS = 60_000;

const LISTENING = /^listening on (\S+)$/;

/** Engines on this machine that share an event store and a database. */
export class Cluster {
  private store: ClusterProcess | undefined;
  private database: ClusterProcess | undefined;
  private engines: readonly ClusterProcess[] = [];
  private isStopping = false;

  constructor(private readonly settings: ClusterSettings) {}

  /** Resolves once all are ready. @throws Error in one line, where one cannot be started; others may run then */
  async start(): Promise<void> {
    const { nodes, firstPort, say } = this.settings;
    await mkdir(this.settings.dataDir, { recursive: true });
    const [eventStoreUrl, databaseUrl] = await Promise.all([
      this.settings.eventStoreUrl ?? this.startStore(),
      this.settings.databaseUrl ?? this.startDatabase(),
    ]);
    const shared = { EVENTSTORE_URL: eventStoreUrl, DATABASE_URL: databaseUrl };
    this.engines = Array.from({ length: nodes }, (_, index) => this.startEngine(index + 1, firstPort + index, shared));
    const tooLate = new AbortController();
    const late = delay(START_MS, undefined, { signal: tooLate.signal }).then(() => {
      throw new Error(`Not all nodes were ready after ${START_MS / 1_000} s.`);
    });
    try {
      await Promise.race([Promise.all(this.engines.map((engine, index) => this.ready(engine, firstPort + index, tooLate.signal))), late]);
    } finally {
      tooLate.abort();
      await late.catch(() => undefined);
    }
    for (const [index, { name, pid }] of this.engines.entries()) say(`${name}: http://127.0.0.1:${firstPort + index} (process ${pid})`);
    say(`All ${nodes} nodes are ready and share ${eventStoreUrl}. Ctrl+C ends them.`);
  }

  /** Resolves if the cluster cannot go on: without its event store or its database, or without any node. One node may go, and the others go on: that is what there are several for. */
  async failed(): Promise<Error> {
    const { say } = this.settings;
    const gone = this.engines.map(async ({ name, ended }) => {
      const how = await ended;
      if (!this.isStopping) say(`${name} has ended (${how})`);
    });
    const all = Promise.all(gone).then(() => new Error('No node runs any more.'));
    const without = [this.store, this.database].flatMap((one) =>
      one ? [one.ended.then((how) => new Error(`The ${one.name} has ended (${how}).`))] : [],
    );
    return Promise.race([all, ...without]);
  }

  /** The nodes first: they tell the store that they leave, and write what they have read. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.engines.map((engine) => engine.stop()));
    await Promise.all([this.store?.stop(), this.database?.stop()]);
  }

  kill(): void {
    for (const one of [...this.engines, this.store, this.database]) one?.kill();
  }

  private launch(name: string, args: readonly string[], environment: NodeJS.ProcessEnv, heard?: (line: string) => void): ClusterProcess {
    const say = (line: string): void => {
      heard?.(line);
      this.settings.say(`${name} | ${line}`);
    };
    const { dataDir } = this.settings;
    return ClusterProcess.start({
      name,
      args,
      say,
      environment: { ...this.settings.environment, LIFEOS_DATA_DIR: dataDir, ...environment },
    });
  }

  private startStore(): Promise<string> {
    return this.startServer('event store', ['eventstore', '--host', '127.0.0.1', '--port', '0'], (store) => (this.store = store));
  }

  private startDatabase(): Promise<string> {
    return this.startServer('database', ['database', '--port', '0'], (database) => (this.database = database));
  }

  /** Answers with its address. */
  private startServer(name: string, args: readonly string[], keep: (server: ClusterProcess) => void): Promise<string> {
    let heard!: (url: string) => void;
    const url = new Promise<string>((resolve) => (heard = resolve));
    const server = this.launch(name, args, {}, (line) => {
      const found = LISTENING.exec(line)?.[1];
      if (found !== undefined) heard(found);
    });
    keep(server);
    return Promise.race([url, this.endOf(server)]);
  }

  private startEngine(number: number, port: number, shared: NodeJS.ProcessEnv): ClusterProcess {
    // No authentication yet, so nobody but this machine.
    return this.launch(`node ${number}`, ['serve'], { HOST: '127.0.0.1', PORT: String(port), ...shared });
  }

  private async endOf({ name, ended }: ClusterProcess): Promise<never> {
    throw new Error(`${name} could not be started (${await ended}): see what it said.`);
  }

  private async ready(engine: ClusterProcess, port: number, signal: AbortSignal): Promise<void> {
    const poll = async (): Promise<void> => {
      while (!signal.aborted && !(await isReady(port, engine.pid!))) await delay(ASK_EVERY_MS);
    };
    await Promise.race([poll(), this.endOf(engine)]);
  }
}

/** Whether it is ready, and is that process: another one may have the port. */
async function isReady(port: number, pid: number): Promise<boolean> {
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  try {
    if ((await ask('/health/ready')).status !== 200) return false;
    const { items } = (await (await ask('/api/nodes')).json()) as { items: readonly { is_self: boolean; pid: number }[] };
    return items.some((node) => node.is_self && node.pid === pid);
  } catch {
    return false;
  }
}
