import { connectEventStore, type EventStoreDbConnection } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { describeCatchUpContract } from './catch-up.contract.js';
import { describeConsumerGroupContract } from './consumer-group.contract.js';
import { describeEventLogContract } from './event-log.contract.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { TestNode } from './support/test-node.js';

const contracts = (name: string, open: () => EventStoreDbConnection) => {
  describeEventLogContract(name, () => open().log);
  describeCatchUpContract(name, open);
  describeConsumerGroupContract(name, open);
};

describe('with the embedded node', () => {
  let node: TestNode;
  let connection: EventStoreDbConnection;
  beforeAll(async () => {
    node = await TestNode.start();
    connection = await connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
  });
  afterAll(async () => {
    await connection.close();
    await node.dispose();
  });
  contracts('embedded node', () => connection);
});

const url = process.env['TEST_EVENTSTORE_URL'];
(url ? describe : describe.skip)('with the server at TEST_EVENTSTORE_URL', () => {
  let connection: EventStoreDbConnection;
  beforeAll(async () => {
    connection = await connectEventStore(url!, { logger: SILENT, timings: QUICK });
  });
  afterAll(() => connection.close());
  contracts('server', () => connection);
});
