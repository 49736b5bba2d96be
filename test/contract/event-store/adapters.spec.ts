import { EventStoreDBClient } from '@eventstore/db-client';
import { unique } from '@lifeos/test-support';
import { TestNode } from '@lifeos/event-store-node/testing';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { openInProcess } from '../../../src/infrastructure/event-store/in-process/open-in-process.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import { describeCatchUpContract } from './catch-up.contract.js';
import { describeConsumerGroupContract } from './consumer-group.contract.js';
import { describeEventLogContract } from './event-log.contract.js';
import { QUICK, SILENT } from './support/quick-timings.js';

const contracts = (name: string, open: () => EventStoreConnection) => {
  describeEventLogContract(name, () => open().log);
  describeCatchUpContract(name, open);
  describeConsumerGroupContract(name, open);
};

describe('with a node in this thread, without its protocol', () => {
  let node: TestNode;
  let connection: EventStoreConnection;
  beforeAll(async () => {
    node = await TestNode.start();
    connection = openInProcess(node.local, { logger: SILENT, pauses: QUICK });
  });
  afterAll(async () => {
    await connection.close();
    await node.dispose();
  });
  contracts('in process', () => connection);
});

describe('with the embedded node', () => {
  let node: TestNode;
  let connection: EventStoreConnection;
  beforeAll(async () => {
    node = await TestNode.start();
    connection = await connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
  });
  afterAll(async () => {
    await connection.close();
    await node.dispose();
  });
  contracts('embedded node', () => connection);

  it('asks for the longest time-out where there is to be none: 0 means the next tick to the server', async () => {
    const name = unique('patient-');
    const group = { name, eventTypes: ['Nothing'], bufferSize: 1, messageTimeoutMs: 0, maxRetryCount: 1 };
    const consumer = await connection.feed.join(group, { deliver: () => Promise.resolve({ kind: 'ack' }) });
    const client = EventStoreDBClient.connectionString(node.connectionString);
    expect((await client.getPersistentSubscriptionToAllInfo(name)).settings.messageTimeout).toBe(2 ** 31 - 1);
    await client.dispose();
    await consumer.stop();
  });
});

const url = process.env['TEST_EVENTSTORE_URL'];
(url ? describe : describe.skip)('with the server at TEST_EVENTSTORE_URL', () => {
  let connection: EventStoreConnection;
  beforeAll(async () => {
    connection = await connectEventStore(url!, { logger: SILENT, timings: QUICK });
  });
  afterAll(() => connection.close());
  contracts('server', () => connection);
});
