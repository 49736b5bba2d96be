import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedNode, type EmbeddedNodeOptions, type LocalNode } from '../src/embedded-node.js';

/** An embedded node in a folder of its own, which can be stopped and started again at the same port. */
export class TestNode {
  #node: LocalNode | undefined;

  private constructor(private readonly dataDir: string) {}

  static async start(): Promise<TestNode> {
    const node = new TestNode(await mkdtemp(join(tmpdir(), 'event-store-contract-')));
    node.#node = await startEmbeddedNode({ dataDir: node.dataDir });
    node.port = node.#node.port;
    node.connectionString = node.#node.connectionString;
    return node;
  }

  port = 0;
  connectionString = '';

  /** The running node. */
  get local(): LocalNode {
    if (!this.#node) throw new Error('the node is stopped');
    return this.#node;
  }

  async stop(): Promise<void> {
    await this.#node?.stop();
    this.#node = undefined;
  }

  async startAgain(options: Pick<EmbeddedNodeOptions, 'users'> = {}): Promise<void> {
    this.#node = await startEmbeddedNode({ ...options, dataDir: this.dataDir, port: this.port });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.startAgain();
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
