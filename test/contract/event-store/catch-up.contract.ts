import { unique, until, upTo } from '@lifeos/test-support';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import type { EventLog } from '../../../src/application/ports/event-log.js';
import { FeedRecorder } from './support/feed-recorder.js';
import { numbered, numberOf } from './support/sample-events.js';

/** What every catch-up subscription promises. */
export function describeCatchUpContract(name: string, open: () => { log: EventLog; feed: EventFeed }): void {
  describe(`${name}: catch-up subscription`, () => {
    const log = () => open().log;
    const feed = () => open().feed;

    it('delivers history, says it has caught up, then what happens', async () => {
      const prefix = unique('feed-');
      await log().append(`${prefix}1`, numbered(3), 'no-stream');
      await log().append(`${prefix}2`, numbered(3, 3), 'no-stream');
      await log().append(unique('other-'), numbered(1), 'no-stream');
      // Has it in its name, and does not begin with it.
      await log().append(`other-${prefix}`, numbered(1), 'no-stream');
      const recorder = new FeedRecorder(feed().subscribe({ from: 'start', streamPrefix: prefix }));
      await until('caught up', () => recorder.caughtUp);
      expect(recorder.events.map(numberOf)).toEqual(upTo(6));
      const { position } = await log().append(`${prefix}1`, numbered(1, 6), 2);
      await until('the live event', () => recorder.events.length === 7);
      expect(recorder.events.at(-1)).toMatchObject({ streamId: `${prefix}1`, revision: 3, position, data: { n: 6 } });
      await recorder.close();
    });

    it('delivers streams of several prefixes, in the order of the log', async () => {
      const [one, other] = [unique('feed-'), unique('feed-')];
      await log().append(`${one}1`, numbered(1), 'no-stream');
      await log().append(`${other}1`, numbered(1, 1), 'no-stream');
      await log().append(unique('third-'), numbered(1), 'no-stream');
      await log().append(`${one}2`, numbered(1, 2), 'no-stream');
      const recorder = new FeedRecorder(feed().subscribe({ from: 'start', streamPrefix: [one, other] }));
      await until('caught up', () => recorder.caughtUp);
      expect(recorder.events.map(numberOf)).toEqual(upTo(3));
      await recorder.close();
    });

    it('delivers the log in its order', async () => {
      const prefix = unique('feed-');
      await Promise.all(upTo(50).map((n) => log().append(`${prefix}${n % 10}-${n}`, numbered(4, n * 4), 'no-stream')));
      const recorder = new FeedRecorder(feed().subscribe({ from: 'start', streamPrefix: prefix }));
      await until('all events', () => recorder.events.length === 200);
      const positions = recorder.events.map(({ position }) => position);
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
      expect(new Set(positions).size).toBe(200);
      await recorder.close();
    });

    it('begins after a position', async () => {
      const prefix = unique('feed-');
      const { position } = await log().append(`${prefix}1`, numbered(3), 'no-stream');
      await log().append(`${prefix}1`, numbered(2, 3), 2);
      const recorder = new FeedRecorder(feed().subscribe({ from: { after: position }, streamPrefix: prefix }));
      await until('caught up', () => recorder.caughtUp);
      expect(recorder.events.map(numberOf)).toEqual([3, 4]);
      await recorder.close();
    });

    it('begins at the end: what is appended after it caught up is delivered, what was there is not', async () => {
      const prefix = unique('feed-');
      await log().append(`${prefix}1`, numbered(3), 'no-stream');
      const recorder = new FeedRecorder(feed().subscribe({ from: 'end', streamPrefix: prefix }));
      await until('caught up', () => recorder.caughtUp);
      await log().append(`${prefix}1`, numbered(2, 3), 2);
      await until('the live events', () => recorder.events.length === 2);
      expect(recorder.events.map(numberOf)).toEqual([3, 4]);
      await recorder.close();
    });

    it('tells how far it looked, in order with the events', async () => {
      const prefix = unique('feed-');
      const { position } = await log().append(`${prefix}1`, numbered(1), 'no-stream');
      await log().append(unique('other-'), numbered(1_200), 'no-stream');
      const recorder = new FeedRecorder(feed().subscribe({ from: 'start', streamPrefix: prefix }));
      const checkpoints = () => recorder.items.flatMap((item) => (item.kind === 'checkpoint' ? [item.position] : []));
      // How often, and whether one comes for the very last event, is the server's affair.
      await until('a checkpoint among the others', () => checkpoints().some((checkpoint) => checkpoint > position));
      const positions = recorder.items.flatMap((item) =>
        item.kind === 'events' ? item.events.map(({ position }) => position) : item.kind === 'checkpoint' ? [item.position] : [],
      );
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
      const resumed = new FeedRecorder(feed().subscribe({ from: { after: checkpoints().at(-1)! }, streamPrefix: prefix }));
      await until('caught up', () => resumed.caughtUp);
      expect(resumed.events).toEqual([]);
      await Promise.all([recorder.close(), resumed.close()]);
    });

    it('loses and repeats nothing for a consumer that is slower than the writers', async () => {
      const prefix = unique('feed-');
      const subscription = feed().subscribe({ from: 'start', streamPrefix: prefix });
      const seen: number[] = [];
      const consumed = (async () => {
        for await (const item of subscription) {
          for (const event of item.kind === 'events' ? item.events : []) {
            if (seen.push(numberOf(event)) === 1_000) return;
            if (seen.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
      })();
      for (let n = 0; n < 1_000; n += 100) await log().append(`${prefix}1`, numbered(100, n), n === 0 ? 'no-stream' : n - 1);
      await consumed;
      expect(seen).toEqual(upTo(1_000));
    });

    it('ends the iteration when it is closed', async () => {
      const recorder = new FeedRecorder(feed().subscribe({ from: 'start', streamPrefix: unique('feed-') }));
      await until('caught up', () => recorder.caughtUp);
      await recorder.close();
      const never = feed().subscribe({ from: 'end', streamPrefix: unique('feed-') });
      await never.close();
      expect(await new FeedRecorder(never).ended).toBeUndefined();
    });
  });
}
