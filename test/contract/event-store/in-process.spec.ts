import { TestNode } from '@lifeos/event-store-node/testing';
import { unique, until, upTo } from '@lifeos/test-support';
import type { GroupConsumer, GroupHandler, Verdict } from '../../../src/application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { openInProcess } from '../../../src/infrastructure/event-store/in-process/open-in-process.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import { ConsumerRecorder } from './support/consumer-recorder.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { numbered, sampleEvent } from './support/sample-events.js';

/** What a store in this process can do besides the contract of every store. */
describe('a store in this process', () => {
  let node: TestNode;
  let connection: EventStoreConnection;
  let type: string;
  const joined: GroupConsumer[] = [];
  beforeAll(async () => {
    node = await TestNode.start();
    connection = openInProcess(node.local, { logger: SILENT, pauses: QUICK });
  });
  beforeEach(() => (type = unique('Type')));
  afterEach(() => Promise.all(joined.splice(0).map((consumer) => consumer.abandon())));
  afterAll(async () => {
    await connection.close();
    await node.dispose();
  });

  const join = async (handler: GroupHandler): Promise<GroupConsumer> => {
    const group = { name: `on-${type}`, eventTypes: [type], bufferSize: 10, messageTimeoutMs: 0, maxRetryCount: 10 };
    const consumer = await connection.feed.join(group, handler);
    joined.push(consumer);
    return consumer;
  };

  describe('a claimed event', () => {
    it('is delivered to nobody, and has the verdict that was promised', async () => {
      const recorders = [new ConsumerRecorder(), new ConsumerRecorder()];
      const [claimer] = await Promise.all(recorders.map(join));
      const event = sampleEvent({ n: 0 }, type);
      let decide!: (verdict: Verdict) => void;
      claimer!.claim!(event.id, new Promise((resolve) => (decide = resolve)));
      const stream = unique('claims-');
      await connection.log.append(stream, [event, ...numbered(20, 1, type)], 'no-stream');
      await until('the others', () => recorders.flatMap(({ numbers }) => numbers).length === 20);
      decide({ kind: 'ack' });
      await Promise.all(joined.splice(0).map((consumer) => consumer.stop()));
      const later = new ConsumerRecorder();
      await join(later);
      await connection.log.append(stream, numbered(1, 21, type), 20);
      await until('the next', () => later.numbers.length > 0);
      expect([...recorders, later].flatMap(({ numbers }) => numbers).sort((a, b) => a - b)).toEqual(upTo(22).slice(1));
    });

    it('is anybody’s once its verdict is another try', async () => {
      const recorder = new ConsumerRecorder();
      const claimer = await join(recorder);
      const event = sampleEvent({ n: 7 }, type);
      claimer.claim!(event.id, Promise.resolve({ kind: 'retry', reason: 'not done' }));
      await connection.log.append(unique('claims-'), [event], 'no-stream');
      await until('the delivery', () => recorder.numbers.length === 1);
      expect(recorder.deliveries).toMatchObject([{ retryCount: 1, event: { data: { n: 7 } } }]);
    });

    it('is anybody’s once the claim was taken back, or its consumer has gone', async () => {
      const recorder = new ConsumerRecorder();
      const claimer = await join(new ConsumerRecorder());
      const [first, second] = [sampleEvent({ n: 1 }, type), sampleEvent({ n: 2 }, type)];
      const never = new Promise<Verdict>(() => undefined);
      claimer.claim!(first.id, never)();
      claimer.claim!(second.id, never);
      await claimer.abandon();
      await join(recorder);
      await connection.log.append(unique('claims-'), [first, second], 'no-stream');
      await until('both', () => recorder.distinct.length === 2);
    });
  });

  it('hands out nothing that is settled, and does not come back to it', async () => {
    const recorder = new ConsumerRecorder();
    await join({ deliver: recorder.deliver, isSettled: ({ data }) => (data['n'] as number) % 2 === 0 });
    const stream = unique('settled-');
    await connection.log.append(stream, numbered(10, 0, type), 'no-stream');
    await until('the odd ones', () => recorder.numbers.length === 5);
    expect(recorder.numbers).toEqual([1, 3, 5, 7, 9]);
    await Promise.all(joined.splice(0).map((consumer) => consumer.stop()));
    const later = new ConsumerRecorder();
    await join(later);
    await connection.log.append(stream, numbered(1, 10, type), 9);
    await until('the next', () => later.numbers.length > 0);
    expect(later.numbers).toEqual([10]);
  });

  it('lets a consumer come back to a group that was deleted from outside', async () => {
    const recorder = new ConsumerRecorder();
    await join(recorder);
    const stream = unique('deleted-');
    await connection.log.append(stream, numbered(1, 0, type), 'no-stream');
    await until('the first', () => recorder.numbers.length === 1);
    await node.local.groups.remove('$all', `on-${type}`);
    await connection.log.append(stream, numbered(1, 1, type), 0);
    await until('the next', () => recorder.numbers.includes(1));
  });

  it('refuses an append that no server takes, and says how large it is', async () => {
    const append = connection.log.append(unique('large-'), [sampleEvent({ text: 'x'.repeat(1024 * 1024) })], 'no-stream');
    await expect(append).rejects.toThrow(/10\d{5} bytes are more than an append may have/);
    await expect(append).rejects.toBeInstanceOf(EventLogUnavailable);
  });

  it('gives back exactly what another process reads of it', async () => {
    const stream = unique('exact-');
    const data = { text: 'ä\u2028"\\', list: [1, 0, -1.5e300, null, true, { deep: [] }], empty: {} };
    await connection.log.append(stream, [sampleEvent(data)], 'no-stream');
    const own = await connection.log.readLast(stream);
    await node.restart();
    const again = openInProcess(node.local, { logger: SILENT });
    expect(await again.log.readLast(stream)).toStrictEqual(own);
    await again.close();
    connection = openInProcess(node.local, { logger: SILENT, pauses: QUICK });
  });

  it('refuses calls once it is closed', async () => {
    const closed = openInProcess(node.local, { logger: SILENT });
    await closed.close();
    await expect(closed.log.headPosition()).rejects.toBeInstanceOf(EventLogUnavailable);
    await expect(closed.log.append('x', [sampleEvent()], 'no-stream')).rejects.toBeInstanceOf(EventLogUnavailable);
  });
});
