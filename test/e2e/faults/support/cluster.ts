import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { LOG_FILE } from '@lifeos/event-store-node';
import { until } from '@lifeos/test-support';
import { createServerDatabase } from '../../../integration/read-models/support/databases.js';
import { removeFolder, temporaryFolder } from '../../support/engine-process.js';
import { freePort } from '../../support/event-store-process.js';
import { FaultyProxy } from './faulty-proxy.js';
import { buildEngine, endAll, Victim } from './processes.js';
import { TRACES } from './tools.js';
import { trueNow } from './true-time.js';
import type { ClockSetting } from './settable-clock.js';
import { WallClocks } from './wall-clocks.js';

/** The shortest there is. */
export const LEASE_MS = 3_000;
const NODES = 3;
const CLI = 'dist/cli.js';

interface EngineNode {
  readonly process: Victim;
  url: string | undefined;
  /** The test has killed it. */
  isKilled: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Three engines, one event store behind a proxy, one database: each a process of its own, but for the proxy. */
export class Cluster {
  readonly nodes: EngineNode[] = [];
  /** What nodes said that were ready and ended by themselves. One that finds no database when it starts may end: it says so. */
  readonly ownEnds: string[] = [];
  readonly clocks = new WallClocks();
  private store: Victim | undefined;
  private isOver = false;

  private constructor(
    readonly folder: string,
    readonly storePort: number,
    readonly proxy: FaultyProxy,
    private readonly program: string,
    private readonly database: Awaited<ReturnType<typeof createServerDatabase>>,
  ) {}

  static async start(): Promise<Cluster> {
    const [program, folder, storePort, database] = await Promise.all([
      buildEngine(),
      temporaryFolder(),
      freePort(),
      createServerDatabase(),
    ]);
    await mkdir(path.join(folder, 'traces'));
    const cluster = new Cluster(folder, storePort, await FaultyProxy.start(storePort), program, database);
    await cluster.startStore();
    for (let index = 0; index < NODES; index++) cluster.startNode(index);
    await cluster.allReady();
    return cluster;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  get outbox(): string {
    return path.join(this.folder, 'engine', 'outbox');
  }

  get traces(): string {
    return path.join(this.folder, 'traces');
  }

  /** @param fileKib largest file that it may write, in KiB */
  async startStore(fileKib?: number): Promise<void> {
    const data = path.join(this.folder, 'store');
    const args = [CLI, 'eventstore', '--port', String(this.storePort), '--data', data];
    this.store = Victim.start(args, { LIFEOS_DATA_DIR: data }, fileKib);
    if (!(await this.store.says(/^listening on /m))) throw new Error(`the event store did not start:\n${this.store.said}`);
  }

  async killStore(): Promise<void> {
    await this.store!.end('SIGKILL');
  }

  /** Resolves when it has ended by itself, with what it said. */
  async storeEnds(): Promise<string> {
    await this.store!.ended;
    return this.store!.said;
  }

  get isStoreRunning(): boolean {
    return this.store?.isRunning ?? false;
  }

  /** Size of the event store's log, in KiB. */
  logKib(): number {
    return Math.ceil(statSync(path.join(this.folder, 'store', LOG_FILE)).size / 1_024);
  }

  startNode(index: number): void {
    const process = Victim.start([this.program], {
      PORT: '0',
      LIFEOS_DATA_DIR: path.join(this.folder, 'engine'),
      EVENTSTORE_URL: `esdb://127.0.0.1:${this.proxy.port}?tls=false`,
      DATABASE_URL: this.databaseUrl,
      LIFEOS_LEASE: `${LEASE_MS / 1_000}s`,
      LOG_LEVEL: 'warn',
      [TRACES]: this.traces,
    });
    this.clocks.begins(index, 0, trueNow());
    this.clocks.holds(index, trueNow());
    const node: EngineNode = { process, url: undefined, isKilled: false };
    this.nodes[index] = node;
    void process.says(/is ready: (http:\S+)/).then((found) => (node.url = found?.[1]));
    // One that ends by itself is started again, as whoever runs it would do.
    void process.ended.then(() => {
      if (this.isOver || this.nodes[index] !== node) return;
      if (!node.isKilled && node.url !== undefined) this.ownEnds.push(process.said.slice(-2_000));
      this.startNode(index);
    });
  }

  /** Kills a node, which is started again at once. */
  async killNode(index: number): Promise<void> {
    const node = this.nodes[index]!;
    node.url = undefined;
    node.isKilled = true;
    await node.process.end('SIGKILL');
  }

  /** Sets the wall clock of a node; a new process has the true time. */
  async setClock(index: number, setting: ClockSetting): Promise<void> {
    const { process } = this.nodes[index]!;
    this.clocks.begins(index, setting.aheadMs, trueNow());
    await process.tell(setting);
    if (this.nodes[index]!.process === process) this.clocks.holds(index, trueNow());
  }

  async allReady(): Promise<void> {
    await until(
      () => `all nodes to be ready; they said: ${this.nodes.map(({ process }) => process.said.slice(-1_000)).join('\n---\n')}`,
      () => this.nodes.every(({ url }) => url !== undefined),
      90_000,
    );
  }

  /** Asks a node; undefined where none answers. */
  async ask(
    first: number,
    method: string,
    target: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer | undefined> {
    for (let tries = 0; tries < NODES; tries++) {
      const { url } = this.nodes[(first + tries) % NODES]!;
      if (url === undefined) continue;
      try {
        const response = await fetch(`${url}${target}`, {
          method,
          headers: { 'Content-Type': 'application/json', ...headers },
          signal: AbortSignal.timeout(8_000),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (response.status >= 500) continue;
        return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
      } catch {
        // It is dead, stopped or cut off: another one may answer.
      }
    }
    return undefined;
  }

  /** What all processes said last. */
  said(): string {
    const lines = this.nodes.map(({ process: { pid, said } }, index) => `node ${index} (${pid}):\n${said.slice(-3_000)}`);
    return [...lines, `store:\n${this.store?.said.slice(-2_000)}`].join('\n\n');
  }

  async stop(): Promise<void> {
    this.isOver = true;
    for (const { process } of this.nodes) process.signal('SIGCONT');
    await Promise.all(this.nodes.filter(({ process }) => process.isRunning).map(({ process }) => process.end('SIGKILL')));
    if (this.isStoreRunning) await this.store!.end('SIGKILL');
    endAll();
    await this.proxy.close();
    await this.database.drop();
    await removeFolder(this.folder);
  }
}
