import { TestNode } from '@lifeos/event-store-node/testing';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../../../src/application/ports/event-log.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { openInProcess } from '../../../src/infrastructure/event-store/in-process/open-in-process.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import { QUICK, SILENT } from '../../contract/event-store/support/quick-timings.js';

type Adapter = 'in-process' | 'network';

const open = (node: TestNode, adapter: Adapter): EventStoreConnection | Promise<EventStoreConnection> =>
  adapter === 'in-process'
    ? openInProcess(node.local, { logger: SILENT, pauses: QUICK })
    : connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });

/** An embedded node of the spec's own, used in process unless told otherwise. */
export class TestStore {
  private constructor(
    readonly node: TestNode,
    private readonly adapter: Adapter,
    private connection: EventStoreConnection,
  ) {}

  static async start(adapter: Adapter = 'in-process'): Promise<TestStore> {
    const node = await TestNode.start();
    return new TestStore(node, adapter, await open(node, adapter));
  }

  /** Who used the log before must ask for it again. */
  async restart(): Promise<void> {
    await this.connection.close();
    await this.node.restart();
    this.connection = await open(this.node, this.adapter);
  }

  get log(): EventLog {
    return this.connection.log;
  }

  get feed(): EventFeed {
    return this.connection.feed;
  }

  /** What the log holds of a run. */
  async eventsOf(workflowId: number): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.log.readStream(workflowStream(workflowId))) events.push(event);
    return events;
  }

  async typesOf(workflowId: number): Promise<string[]> {
    return (await this.eventsOf(workflowId)).map(({ type }) => type);
  }

  async dispose(): Promise<void> {
    await this.connection.close();
    await this.node.dispose();
  }
}

/** One store for all tests of a spec. */
export function sharedStore(): () => TestStore {
  let store: TestStore | undefined;
  beforeAll(async () => {
    store = await TestStore.start();
  });
  afterAll(() => store?.dispose());
  return () => store!;
}
