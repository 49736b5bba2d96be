import { unique, until, upTo } from '@lifeos/test-support';
import type { ConsumerGroup, EventFeed, GroupConsumer } from '../../../src/application/ports/event-feed.js';
import type { EventLog } from '../../../src/application/ports/event-log.js';
import { ConsumerRecorder, gate } from './support/consumer-recorder.js';
import { numbered, sampleEvent } from './support/sample-events.js';

/** What every group of competing consumers promises. */
export function describeConsumerGroupContract(name: string, open: () => { log: EventLog; feed: EventFeed }): void {
  describe(`${name}: consumer group`, () => {
    let type: string;
    let stream: string;
    let joined: GroupConsumer[];
    const log = () => open().log;

    beforeEach(() => {
      type = unique('Happened');
      stream = unique('group-');
      joined = [];
    });
    afterEach(() => Promise.all(joined.map((consumer) => consumer.abandon())));

    const group = (changes: Partial<ConsumerGroup> = {}): ConsumerGroup => ({
      name: `on-${type}`,
      eventTypes: [type],
      bufferSize: 10,
      messageTimeoutMs: 120_000,
      maxRetryCount: 10,
      ...changes,
    });
    const join = async (recorder: ConsumerRecorder, changes: Partial<ConsumerGroup> = {}) => {
      const consumer = await open().feed.join(group(changes), recorder);
      joined.push(consumer);
      return consumer;
    };
    const append = (count: number, first = 0) => log().append(stream, numbered(count, first, type), first === 0 ? 'no-stream' : first - 1);

    it('delivers events of exactly its types, from the log’s start', async () => {
      await append(2);
      await log().append(unique('group-'), [sampleEvent({ n: 100 }, `${type}Too`), sampleEvent({ n: 101 }, `Not${type}`)], 'no-stream');
      const recorder = new ConsumerRecorder();
      await join(recorder);
      await append(2, 2);
      await until('four deliveries', () => recorder.deliveries.length >= 4);
      expect(recorder.distinct).toEqual(upTo(4));
      expect(recorder.deliveries[0]).toMatchObject({ retryCount: 0, event: { streamId: stream, type } });
    });

    it('begins with the event at a log position, where it is made there, and goes on from its checkpoint after that', async () => {
      await append(4);
      const positions: bigint[] = [];
      for await (const { position } of log().readStream(stream)) positions.push(position);
      const recorder = new ConsumerRecorder();
      const consumer = await join(recorder, { from: positions[2]! });
      await until('two deliveries', () => recorder.deliveries.length >= 2);
      expect(recorder.distinct).toEqual([2, 3]);
      await consumer.stop();
      const next = new ConsumerRecorder();
      await join(next, { from: positions[1]! });
      await append(1, 4);
      await until('the new one', () => next.numbers.includes(4));
      expect(next.numbers).toEqual([4]);
    });

    const checkpoints = async (of: string): Promise<number> =>
      ((await log().readLast(`$persistentsubscription-$all::${of}-checkpoint`))?.revision ?? -1) + 1;
    /** Has a group deal with all there is now. Resolves when it has written a checkpoint more, which is beyond the one before. */
    const through = async (consumer: ConsumerRecorder, of: string): Promise<void> => {
      const before = await checkpoints(of);
      const { revision } = (await log().readLast(stream))!;
      await until('its deliveries', () => consumer.distinct.includes(revision));
      await until('its checkpoint', async () => (await checkpoints(of)) > before);
    };
    const replacing = async (...replaces: readonly string[]): Promise<readonly number[]> => {
      const recorder = new ConsumerRecorder();
      await join(recorder, { name: unique('new-'), replaces });
      await until('the newest', () => recorder.distinct.includes(3));
      return recorder.distinct;
    };

    it('begins where the least far of the groups that it replaces had got to', async () => {
      const [slow, quick] = [`slow-${type}`, `quick-${type}`];
      const recorder = new ConsumerRecorder();
      const consumer = await join(recorder, { name: slow });
      for (const n of [0, 1]) {
        await append(1, n);
        await through(recorder, slow);
      }
      await consumer.stop();
      await append(2, 2);
      const { position } = (await log().readLast(stream))!;
      const further = new ConsumerRecorder();
      await join(further, { name: quick, from: position });
      await through(further, quick);
      const delivered = await replacing(quick, slow);
      expect(delivered).toEqual(expect.arrayContaining([2, 3]));
      expect(delivered).not.toContain(0);
    });

    it('begins with the log where a group that it replaces is not there, or has put something aside', async () => {
      const [earlier, other] = [`earlier-${type}`, `other-${type}`];
      await append(4);
      const consumer = new ConsumerRecorder();
      await join(consumer, { name: other });
      await through(consumer, other);
      expect(await replacing(other, `missing-${type}`)).toEqual(upTo(4));
      const parking = new ConsumerRecorder(({ event }) => (event.revision === 1 ? { kind: 'park', reason: 'hopeless' } : { kind: 'ack' }));
      await join(parking, { name: earlier });
      await through(parking, earlier);
      await until(
        'what was put aside',
        async () => (await log().readLast(`$persistentsubscription-$all::${earlier}-parked`)) !== undefined,
      );
      expect(await replacing(other, earlier)).toEqual(upTo(4));
    });

    it('takes type names literally', async () => {
      const recorder = new ConsumerRecorder();
      await join(recorder, { name: `literally-${type}`, eventTypes: [`${type}.v1`, `${type}(2)|x`] });
      await log().append(stream, [sampleEvent({ n: 0 }, `${type}xv1`), sampleEvent({ n: 1 }, `${type}.v1`), sampleEvent({ n: 2 }, `${type}(2)|x`)], 'no-stream'); // prettier-ignore
      await until('two deliveries', () => recorder.deliveries.length >= 2);
      expect(recorder.distinct).toEqual([1, 2]);
    });

    it('does not deliver again what was acknowledged', async () => {
      await append(20);
      const first = new ConsumerRecorder();
      const consumer = await join(first);
      await until('all', () => first.distinct.length === 20);
      await consumer.stop();
      const second = new ConsumerRecorder();
      await join(second);
      await append(1, 20);
      await until('the new one', () => second.numbers.includes(20));
      expect(second.numbers).toEqual([20]);
    });

    it('delivers again what is to be retried, and counts', async () => {
      await append(1);
      const recorder = new ConsumerRecorder(({ retryCount }) => (retryCount < 3 ? { kind: 'retry', reason: 'not yet' } : { kind: 'ack' }));
      await join(recorder);
      await until('four deliveries', () => recorder.deliveries.length === 4);
      expect(recorder.deliveries.map(({ retryCount }) => retryCount)).toEqual(upTo(4));
    });

    it('takes a handler that throws for one that wants a retry', async () => {
      await append(1);
      const recorder = new ConsumerRecorder(({ retryCount }) => (retryCount === 0 ? Promise.reject(new Error('boom')) : { kind: 'ack' }));
      await join(recorder);
      await until('two deliveries', () => recorder.deliveries.length === 2);
    });

    it('puts aside what is to be parked, and goes on', async () => {
      await append(3);
      const recorder = new ConsumerRecorder(({ event }) => (event.revision === 1 ? { kind: 'park', reason: 'hopeless' } : { kind: 'ack' }));
      await join(recorder);
      await append(1, 3);
      await until('all', () => recorder.distinct.length === 4);
      expect(recorder.numbers.filter((n) => n === 1)).toHaveLength(1);
      const parked = `$persistentsubscription-$all::on-${type}-parked`;
      await until('the parked event', async () => (await log().readLast(parked)) !== undefined);
    });

    it('delivers again what was put aside, to who joins next', async () => {
      await append(3);
      const first = new ConsumerRecorder(({ event }) =>
        event.revision === 1 ? { kind: 'park', reason: 'not understood' } : { kind: 'ack' },
      );
      const consumer = await join(first);
      await until('all', () => first.distinct.length === 3);
      const parked = `$persistentsubscription-$all::on-${type}-parked`;
      await until('the parked event', async () => (await log().readLast(parked)) !== undefined);
      await consumer.stop();
      const second = new ConsumerRecorder();
      await join(second);
      await until('what was put aside', () => second.numbers.includes(1));
      expect(second.deliveries[0]).toMatchObject({ event: { streamId: stream, revision: 1, type } });
      expect(second.numbers).toEqual([1]);
    });

    it('parks by itself what was retried too often', async () => {
      await append(1);
      const recorder = new ConsumerRecorder(() => ({ kind: 'retry', reason: 'never' }));
      await join(recorder, { maxRetryCount: 2 });
      const parked = `$persistentsubscription-$all::on-${type}-parked`;
      await until('the parked event', async () => (await log().readLast(parked)) !== undefined);
      expect(recorder.deliveries.length).toBeLessThanOrEqual(3);
    });

    it('invariant 17: has at most bufferSize deliveries in work', async () => {
      await append(30);
      const hold = gate();
      const recorder = new ConsumerRecorder(async () => {
        await hold.opened;
        return { kind: 'ack' };
      });
      await join(recorder, { bufferSize: 4 });
      await until('four in work', () => recorder.atOnce === 4);
      hold.open();
      await until('all', () => recorder.distinct.length === 30);
      expect(recorder.mostAtOnce).toBe(4);
    });

    it('shares the work among its consumers', async () => {
      const recorders = [new ConsumerRecorder(), new ConsumerRecorder()];
      for (const recorder of recorders) await join(recorder);
      await append(40);
      await until('all', () => recorders.flatMap(({ distinct }) => distinct).length >= 40);
      for (const recorder of recorders) expect(recorder.deliveries.length).toBeGreaterThan(0);
      expect(new Set(recorders.flatMap(({ numbers }) => numbers)).size).toBe(40);
    });

    it('invariant 13: hands over what a consumer that vanished had in work', async () => {
      await append(5);
      const stuck = new ConsumerRecorder(() => new Promise(() => undefined));
      const vanishing = await join(stuck);
      await until('all in work', () => stuck.atOnce === 5);
      const other = new ConsumerRecorder();
      await join(other);
      await vanishing.abandon();
      await until('all taken over', () => other.distinct.length === 5);
    });

    it('delivers again what has no verdict in time', async () => {
      await append(1);
      const recorder = new ConsumerRecorder(({ retryCount }) => (retryCount === 0 ? new Promise(() => undefined) : { kind: 'ack' }));
      await join(recorder, { messageTimeoutMs: 500 });
      await until('the second delivery', () => recorder.deliveries.length >= 2);
    });

    it('stops after what is in work has its verdict, and hands out nothing more', async () => {
      await append(10);
      const hold = gate();
      const recorder = new ConsumerRecorder(async () => {
        await hold.opened;
        return { kind: 'ack' };
      });
      const consumer = await join(recorder, { bufferSize: 3 });
      await until('three in work', () => recorder.atOnce === 3);
      const stopped = consumer.stop();
      hold.open();
      await stopped;
      expect(recorder.deliveries).toHaveLength(3);
      const other = new ConsumerRecorder();
      await join(other);
      await until('the rest', () => other.distinct.length === 7);
      expect([...recorder.numbers, ...other.distinct].sort((a, b) => a - b)).toEqual(upTo(10));
    });

    it('takes over changed settings of a group', async () => {
      await append(1);
      const first = await join(new ConsumerRecorder(() => new Promise(() => undefined)), { messageTimeoutMs: 0 });
      await first.abandon();
      const recorder = new ConsumerRecorder(({ retryCount }) => (retryCount < 2 ? new Promise(() => undefined) : { kind: 'ack' }));
      await join(recorder, { messageTimeoutMs: 400 });
      await until('a retry by timeout', () => recorder.deliveries.some(({ retryCount }) => retryCount >= 2));
    });
  });
}
