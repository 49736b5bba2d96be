import { all, unique, upTo } from '@lifeos/test-support';
import type { EventLog } from '../../../src/application/ports/event-log.js';
import { RevisionConflict } from '../../../src/application/ports/event-log.js';
import { METADATA, numbered, numberOf, sampleEvent } from './support/sample-events.js';

/** What every event log promises. `open` gives the log under test; other suites may write to it at the same time. */
export function describeEventLogContract(name: string, open: () => EventLog): void {
  describe(`${name}: event log`, () => {
    const log = () => open();

    it('gives back what was appended, in order and unchanged', async () => {
      const stream = unique('stream-');
      const events = [sampleEvent({ text: 'äöü ✓', list: [1, null, { deep: true }] }), sampleEvent({}, 'SomethingElse')];
      const { revision, position } = await log().append(stream, events, 'no-stream');
      expect(revision).toBe(1);
      const read = await all(log().readStream(stream));
      expect(read).toEqual([
        { ...events[0], streamId: stream, revision: 0, position: expect.any(BigInt) as unknown },
        { ...events[1], streamId: stream, revision: 1, position },
      ]);
      expect(read[0]!.position).toBeLessThan(read[1]!.position);
      expect(read[0]!.metadata).toEqual(METADATA);
    });

    it('appends at the exact revision', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(3), 'no-stream');
      expect(await log().append(stream, numbered(2, 3), 2)).toMatchObject({ revision: 4 });
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual(upTo(5));
    });

    it.each([
      ['a stream that exists is expected not to', 'no-stream' as const],
      ['the stream has gone on', 0],
      ['the stream is not that far', 9],
    ])('refuses when %s', async (_, expected) => {
      const stream = unique('stream-');
      await log().append(stream, numbered(3), 'no-stream');
      await expect(log().append(stream, [sampleEvent()], expected)).rejects.toThrow(RevisionConflict);
      expect(await all(log().readStream(stream))).toHaveLength(3);
    });

    it('refuses a revision of a stream that does not exist', async () => {
      await expect(log().append(unique('stream-'), [sampleEvent()], 0)).rejects.toThrow(RevisionConflict);
    });

    it('invariant 4: writes nothing twice when an append is repeated, also after others came', async () => {
      const stream = unique('stream-');
      const first = numbered(2);
      const second = numbered(2, 2);
      const answers = [await log().append(stream, first, 'no-stream'), await log().append(stream, second, 1)];
      await log().append(stream, numbered(1, 4), 3);
      expect([await log().append(stream, first, 'no-stream'), await log().append(stream, second, 1)]).toEqual(answers);
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual(upTo(5));
    });

    it('takes an append that repeats only a part of another for a conflict', async () => {
      const stream = unique('stream-');
      const [first, second] = numbered(2);
      await log().append(stream, [first!], 'no-stream');
      await expect(log().append(stream, [first!, second!], 'no-stream')).rejects.toThrow(RevisionConflict);
    });

    it('invariant 3, 5: of concurrent appends at one revision one is stored, and entirely', async () => {
      const stream = unique('stream-');
      const contenders = upTo(12).map((n) => numbered(5, n * 100));
      const outcomes = await Promise.allSettled(contenders.map((events) => log().append(stream, events, 'no-stream')));
      const winners = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [n] : []));
      expect(winners).toHaveLength(1);
      expect((await all(log().readStream(stream))).map(({ id }) => id)).toEqual(contenders[winners[0]!]!.map(({ id }) => id));
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RevisionConflict);
    });

    it('reads nothing of a stream that does not exist', async () => {
      const stream = unique('stream-');
      expect(await all(log().readStream(stream))).toEqual([]);
      expect(await log().readLast(stream)).toBeUndefined();
    });

    it('reads from a revision, up to a limit, past the end', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(10), 'no-stream');
      const read = async (options: { from?: number; limit?: number }) => (await all(log().readStream(stream, options))).map(numberOf);
      expect(await read({ from: 7 })).toEqual([7, 8, 9]);
      expect(await read({ from: 2, limit: 3 })).toEqual([2, 3, 4]);
      expect(await read({ limit: 0 })).toEqual([]);
      expect(await read({ from: 10 })).toEqual([]);
      expect(await read({ from: 1_000 })).toEqual([]);
    });

    it('reads 1,500 events in order', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(1_500), 'no-stream');
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual(upTo(1_500));
    });

    it('stops reading when the reader has enough', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(1_500), 'no-stream');
      const seen: number[] = [];
      for await (const event of log().readStream(stream)) if (seen.push(numberOf(event)) === 3) break;
      expect(seen).toEqual([0, 1, 2]);
    });

    it('finds the last event', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(3), 'no-stream');
      expect(await log().readLast(stream)).toMatchObject({ revision: 2, data: { n: 2 } });
    });

    it('keeps only the newest events readable where asked to', async () => {
      const stream = unique('stream-');
      await log().append(stream, numbered(5), 'no-stream');
      await log().keepLast(stream, 2);
      await log().keepLast(stream, 2);
      expect((await all(log().readStream(stream))).map(({ revision }) => revision)).toEqual([3, 4]);
      await log().append(stream, numbered(1, 5), 4);
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual([4, 5]);
      await log().keepLast(stream, 1);
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual([5]);
    });

    it('can be told to keep the newest events before there are any', async () => {
      const stream = unique('stream-');
      await log().keepLast(stream, 1);
      await log().append(stream, numbered(2), 'no-stream');
      expect((await all(log().readStream(stream))).map(numberOf)).toEqual([1]);
    });

    it('invariant 2, 6: knows the head, which an append moves on', async () => {
      const stream = unique('stream-');
      const before = await log().headPosition();
      const { position } = await log().append(stream, numbered(2), 'no-stream');
      expect(position).toBeGreaterThan(before);
      expect(await log().headPosition()).toBeGreaterThanOrEqual(position);
    });

    it('takes appends to many streams at once', async () => {
      const streams = upTo(200).map(() => unique('stream-'));
      const results = await Promise.all(streams.map((stream, n) => log().append(stream, numbered(1, n), 'no-stream')));
      expect(new Set(results.map(({ position }) => position)).size).toBe(200);
      const last = await Promise.all(streams.map((stream) => log().readLast(stream)));
      expect(last.map((event) => numberOf(event!))).toEqual(upTo(200));
    });
  });
}
