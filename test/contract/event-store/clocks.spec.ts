import { jest } from '@jest/globals';
import { all, programOf, unique, until } from '@lifeos/test-support';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { LifeosProcess, removeFolder, temporaryFolder } from '../../e2e/support/engine-process.js';
import { ConsumerRecorder } from './support/consumer-recorder.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { numbered, numberOf } from './support/sample-events.js';

const HOUR = 3_600_000;

describe('the client adapter, where its clock is not that of the event store', () => {
  let folder: string;
  let store: LifeosProcess;
  let url: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    // A process of its own: the clock of this one is set.
    const program = await programOf(`
      import { startEmbeddedNode } from '@lifeos/event-store-node';
      const { connectionString } = await startEmbeddedNode({ dataDir: process.argv[2] });
      console.log('listening on ' + connectionString);`);
    store = LifeosProcess.startProgram(program, [folder], {});
    url = (await store.says(/^listening on (\S+)$/m))[1]!;
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    store.kill('SIGKILL');
    await store.exited;
    await removeFolder(folder);
  });

  it.each([
    ['ahead', HOUR],
    ['behind', -HOUR],
  ])('appends, reads and consumes an hour %s', async (_where, aheadMs) => {
    jest.spyOn(Date, 'now').mockImplementation(() => new Date().getTime() + aheadMs);
    const connection = await connectEventStore(url, { logger: SILENT, timings: QUICK });
    try {
      const stream = unique('clock-');
      const type = unique('Happened-');
      await connection.log.append(stream, numbered(2, 0, type), 'no-stream');
      expect((await all(connection.log.readStream(stream))).map(numberOf)).toEqual([0, 1]);
      const recorder = new ConsumerRecorder();
      const group = { name: unique('group-'), eventTypes: [type], bufferSize: 10, messageTimeoutMs: 10_000, maxRetryCount: 1 };
      const consumer = await connection.feed.join(group, recorder);
      await until('both to be delivered', () => recorder.distinct.length === 2);
      await consumer.stop();
    } finally {
      await connection.close();
    }
  });
});
