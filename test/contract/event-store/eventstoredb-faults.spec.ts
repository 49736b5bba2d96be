import { all, unique, until, upTo } from '@lifeos/test-support';
import { ADMINS } from '@lifeos/event-store-node';
import { TestNode } from '@lifeos/event-store-node/testing';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import type { EventStoreDbTimings } from '../../../src/infrastructure/event-store/eventstoredb/timings.js';
import { ConsumerRecorder } from './support/consumer-recorder.js';
import { FeedRecorder } from './support/feed-recorder.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { numbered, numberOf, sampleEvent } from './support/sample-events.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** A time that a test does not live to see: who waits for it fails the test. */
const BEYOND_THE_TEST_MS = 600_000;

describe('the client adapter, when things break', () => {
  let node: TestNode;
  let proxy: TcpProxy;
  const connections: EventStoreConnection[] = [];

  const connect = async (connectionString: string, timings: Partial<EventStoreDbTimings> = {}) => {
    const connection = await connectEventStore(connectionString, { logger: SILENT, timings: { ...QUICK, ...timings } });
    connections.push(connection);
    return connection;
  };
  const appendNumbers = (connection: EventStoreConnection, stream: string, count: number, first: number, type?: string) =>
    connection.log.append(stream, numbered(count, first, type), first === 0 ? 'no-stream' : first - 1);

  beforeAll(async () => {
    node = await TestNode.start();
    proxy = await TcpProxy.start(node.port);
  });
  afterEach(async () => {
    proxy.deliverAnswers();
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });
  afterAll(async () => {
    await proxy.close();
    await node.dispose();
  });

  describe('append', () => {
    it('invariant 4: is stored once when its answer is lost', async () => {
      const { log } = await connect(proxy.connectionString, { tryMs: 400 });
      const observer = await connect(node.connectionString);
      const stream = unique('stream-');
      const events = [sampleEvent({ n: 0 }), sampleEvent({ n: 1 })];
      proxy.loseAnswers();
      const appended = log.append(stream, events, 'no-stream');
      await until('the events are stored', async () => (await observer.log.readLast(stream)) !== undefined);
      await observer.log.append(stream, [sampleEvent({ n: 2 })], 1); // the world goes on meanwhile
      proxy.deliverAnswers();
      expect(await appended).toMatchObject({ revision: 1 });
      expect((await all(observer.log.readStream(stream))).map(numberOf)).toEqual(upTo(3));
    });

    it('gets over cut connections, many at once', async () => {
      const { log } = await connect(proxy.connectionString);
      const streams = upTo(40).map(() => unique('stream-'));
      const cutting = (async () => {
        for (let cuts = 0; cuts < 5; cuts++) {
          const accepted = proxy.accepted;
          proxy.cut();
          await until('a new connection', () => proxy.accepted > accepted);
        }
      })();
      const writing = streams.map(async (stream) => {
        for (let n = 0; n < 20; n++) await log.append(stream, numbered(1, n), n === 0 ? 'no-stream' : n - 1);
      });
      await Promise.all([...writing, cutting]);
      for (const stream of streams) expect((await all(log.readStream(stream))).map(numberOf)).toEqual(upTo(20));
    });

    it('invariant 1: survives a restart of the server in the middle', async () => {
      const { log } = await connect(node.connectionString);
      const stream = unique('stream-');
      await log.append(stream, numbered(1), 'no-stream');
      await node.stop();
      const appended = log.append(stream, numbered(1, 1), 0);
      await node.startAgain();
      expect(await appended).toMatchObject({ revision: 1 });
      expect((await all(log.readStream(stream))).map(numberOf)).toEqual([0, 1]);
    });

    it('gives up when its time is over', async () => {
      const { log } = await connect(proxy.connectionString, { tryMs: 100, budgetMs: 300 });
      proxy.loseAnswers();
      await expect(log.append(unique('stream-'), [sampleEvent()], 'no-stream')).rejects.toThrow(EventLogUnavailable);
    });

    it('gives up at once on what can never succeed', async () => {
      const { log } = await connect(node.connectionString, { budgetMs: BEYOND_THE_TEST_MS });
      const tooLarge = sampleEvent({ text: 'x'.repeat(2 * 1024 * 1024) });
      await expect(log.append(unique('stream-'), [tooLarge], 'no-stream')).rejects.toThrow(EventLogUnavailable);
    });

    it('ends when the connection is closed', async () => {
      const connection = await connect(proxy.connectionString, { tryMs: 300 });
      proxy.loseAnswers();
      const appended = expect(connection.log.append(unique('stream-'), [sampleEvent()], 'no-stream')).rejects.toThrow(EventLogUnavailable);
      await connection.close();
      await appended;
    });
  });

  it('tells for how long nothing was answered, until something is', async () => {
    const { log, silence } = await connect(proxy.connectionString, { tryMs: 200 });
    const stream = unique('stream-');
    await log.append(stream, numbered(3), 'no-stream');
    for await (const event of log.readStream(stream, { limit: 2 }))
      expect([numberOf(event), silence.silentMs()]).toEqual([numberOf(event), 0]);
    await expect(log.append(stream, numbered(1), 'no-stream')).rejects.toThrow('is not at revision');
    expect(silence.silentMs()).toBe(0);
    proxy.loseAnswers();
    const appended = log.append(stream, numbered(1, 3), 2);
    await until('silence', () => silence.silentMs() > 300);
    proxy.deliverAnswers();
    await appended;
    expect(silence.silentMs()).toBe(0);
  });

  describe('read', () => {
    it('goes on where a cut connection left it', async () => {
      const { log } = await connect(proxy.connectionString);
      const stream = unique('stream-');
      await log.append(stream, numbered(2_000), 'no-stream');
      const seen: number[] = [];
      for await (const event of log.readStream(stream)) {
        if (seen.push(numberOf(event)) % 500 === 0) proxy.cut();
      }
      expect(seen).toEqual(upTo(2_000));
    });

    it('of the head fails within its deadline when nobody answers', async () => {
      const { log } = await connect(proxy.connectionString, { headMs: 200, tryMs: BEYOND_THE_TEST_MS, budgetMs: BEYOND_THE_TEST_MS });
      proxy.loseAnswers();
      await expect(log.headPosition()).rejects.toThrow(EventLogUnavailable);
    });
  });

  describe('catch-up subscription', () => {
    it('has neither gap nor duplicate over restarts of the server', async () => {
      const connection = await connect(node.connectionString);
      const prefix = unique('feed-');
      const recorder = new FeedRecorder(connection.feed.subscribe({ from: 'start', streamPrefix: prefix }));
      for (let round = 0; round < 3; round++) {
        await appendNumbers(connection, `${prefix}1`, 20, round * 40);
        await until('the events', () => recorder.events.length === round * 40 + 20);
        await node.restart();
        await appendNumbers(connection, `${prefix}1`, 20, round * 40 + 20);
      }
      await until('all events', () => recorder.events.length >= 120);
      expect(recorder.events.map(numberOf)).toEqual(upTo(120));
      await recorder.close();
    });

    it('has neither gap nor duplicate over cut connections', async () => {
      const reader = await connect(proxy.connectionString);
      const writer = await connect(node.connectionString);
      const prefix = unique('feed-');
      const recorder = new FeedRecorder(reader.feed.subscribe({ from: 'start', streamPrefix: prefix }));
      for (let n = 0; n < 1_000; n += 50) {
        await appendNumbers(writer, `${prefix}1`, 50, n);
        if (n % 200 === 0) {
          await until('some event', () => recorder.events.length > n / 2);
          proxy.cut();
        }
      }
      await until('all events', () => recorder.events.length >= 1_000);
      expect(recorder.events.map(numberOf)).toEqual(upTo(1_000));
      await recorder.close();
    });

    it('from the end delivers what was appended while it was cut off', async () => {
      const reader = await connect(proxy.connectionString, { longestPauseMs: 20 });
      const writer = await connect(node.connectionString);
      const prefix = unique('feed-');
      await appendNumbers(writer, `${prefix}1`, 5, 0);
      const recorder = new FeedRecorder(reader.feed.subscribe({ from: 'end', streamPrefix: prefix }));
      await until('caught up', () => recorder.caughtUp);
      proxy.cut();
      await appendNumbers(writer, `${prefix}1`, 5, 5);
      await until('the events', () => recorder.events.length === 5);
      expect(recorder.events.map(numberOf)).toEqual([5, 6, 7, 8, 9]);
      await recorder.close();
    });
  });

  describe('consumer group', () => {
    const group = (type: string) => ({
      name: `on-${type}`,
      eventTypes: [type],
      bufferSize: 10,
      messageTimeoutMs: 120_000,
      maxRetryCount: 10,
    });

    it('keeps its progress over a restart of the server', async () => {
      const connection = await connect(node.connectionString);
      const type = unique('Happened');
      const stream = unique('stream-');
      const before = new ConsumerRecorder();
      const consumer = await connection.feed.join(group(type), before);
      await appendNumbers(connection, stream, 600, 0, type);
      await until('all', () => before.distinct.length === 600);
      await consumer.stop();
      await node.restart();
      const after = new ConsumerRecorder();
      const returned = await connection.feed.join(group(type), after);
      await appendNumbers(connection, stream, 1, 600, type);
      await until('the new one', () => after.numbers.includes(600));
      // At least once: what was acknowledged after the last checkpoint comes again, and a checkpoint is due at the latest after 500.
      expect(after.distinct.length).toBeLessThanOrEqual(501);
      await returned.stop();
    });

    it('comes back by itself after a restart of the server', async () => {
      const connection = await connect(node.connectionString);
      const type = unique('Happened');
      const stream = unique('stream-');
      const recorder = new ConsumerRecorder();
      await connection.feed.join(group(type), recorder);
      await appendNumbers(connection, stream, 5, 0, type);
      await until('five', () => recorder.distinct.length === 5);
      await node.restart();
      await appendNumbers(connection, stream, 5, 5, type);
      await until('ten', () => recorder.distinct.length === 10);
    });

    it('says that it stands still while it may not consume, and goes on once it may', async () => {
      const loops = new BackgroundLoops(SILENT);
      const connection = await connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK, loops });
      connections.push(connection);
      const type = unique('Happened');
      const stream = unique('stream-');
      const recorder = new ConsumerRecorder();
      await connection.feed.join(group(type), recorder);
      await appendNumbers(connection, stream, 1, 0, type);
      await until('the first', () => recorder.distinct.length === 1);
      await node.stop();
      await node.startAgain({ users: [{ name: 'admin', groups: [ADMINS], password: 'secret' }] });
      const standing = (): Promise<string> => loops.check().then(() => 'nothing', (error: Error) => error.message); // prettier-ignore
      await until('the standstill', async () => (await standing()).startsWith(`consumer group on-${type}: `));
      await node.restart();
      await until('no standstill', async () => (await standing()) === 'nothing');
      await appendNumbers(connection, stream, 1, 1, type);
      await until('the second', () => recorder.distinct.length === 2);
    });

    it('loses nothing over cut connections, and drops verdicts of lost ones', async () => {
      const consumerSide = await connect(proxy.connectionString);
      const writer = await connect(node.connectionString);
      const type = unique('Happened');
      const stream = unique('stream-');
      const recorder = new ConsumerRecorder(async ({ event, retryCount }) => {
        if (numberOf(event) % 40 === 0 && retryCount === 0) {
          const accepted = proxy.accepted;
          proxy.cut();
          await until('a new connection', () => proxy.accepted > accepted);
        }
        return { kind: 'ack' };
      });
      await consumerSide.feed.join(group(type), recorder);
      await appendNumbers(writer, stream, 200, 0, type);
      await until('all', () => recorder.distinct.length === 200);
    });
  });
});
