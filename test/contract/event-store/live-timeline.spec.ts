import { randomInt } from 'node:crypto';
import { all, until, upTo } from '@lifeos/test-support';
import { TestNode } from '@lifeos/event-store-node/testing';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import { EventLogUnavailable, type EventLog, type NewEvent } from '../../../src/application/ports/event-log.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import type { JsonObject } from '../../../src/domain/json.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { EventFeedLiveTimeline } from '../../../src/application/timeline/event-feed-live-timeline.js';
import { everythingThere } from '../../application/timeline/support/scripted-progress.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { sampleEvent } from './support/sample-events.js';

const AT = '2026-01-01T00:00:00.000Z';
const event = (type: string, data: JsonObject): NewEvent => sampleEvent({ at: AT, ...data }, type);
const submitted = () => event('WorkflowSubmitted', { userId: 7, intent: 'find work' });
const planPart = () => event('PlanPartRecorded', { part: 0, steps: [] });
const ready = (stepId: number) => event('StepReady', { stepId, name: `step ${stepId}`, attempt: 1 });
const completed = () => event('WorkflowCompleted', { succeeded: 1, skipped: 0 });

describe('live timeline', () => {
  let node: TestNode;
  let connection: EventStoreConnection;
  let timeline: EventFeedLiveTimeline;
  let workflowId: number;
  let stopFollowing: AbortController;
  const log = (): EventLog => connection.log;

  beforeAll(async () => {
    node = await TestNode.start();
    connection = await connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
    timeline = new EventFeedLiveTimeline(connection.log, connection.feed, everythingThere(), SILENT, new BackgroundLoops(SILENT));
    await timeline.start();
  });
  afterAll(async () => {
    await timeline.stop();
    await connection.close();
    await node.dispose();
  });
  beforeEach(() => {
    workflowId = randomInt(1, 2 ** 40);
    stopFollowing = new AbortController();
  });
  afterEach(() => stopFollowing.abort());

  const append = (events: NewEvent[], expected: number | 'no-stream') => log().append(workflowStream(workflowId), events, expected);
  const follow = (after?: number, signal = stopFollowing.signal) =>
    timeline.follow(workflowId, { signal, ...(after === undefined ? {} : { after }) });
  const follower = (after?: number) => {
    const entries: LoggedEntry[] = [];
    const ended = (async () => {
      for await (const entry of follow(after)) entries.push(entry);
    })();
    return { entries, ended, ids: () => entries.map(({ id }) => id) };
  };

  it('tells what happened, then what happens, and ends with the run', async () => {
    await append([submitted(), ready(1)], 'no-stream');
    const { entries, ended } = follower();
    await until('history', () => entries.length === 2);
    await append([ready(2)], 1);
    await until('the live entry', () => entries.length === 3);
    await append([completed()], 2);
    await ended;
    expect(entries.map(({ id, type }) => [id, type])).toEqual([
      [0, 'workflow_started'],
      [1, 'step_ready'],
      [2, 'step_ready'],
      [3, 'workflow_complete'],
    ]);
    expect(entries[2]).toMatchObject({ stepId: 2, message: 'Step ready: step 2', at: AT });
  });

  it('invariant 29: resumes after a revision', async () => {
    await append([submitted(), ready(1), ready(2)], 'no-stream');
    const { ids, ended } = follower(1);
    await until('history', () => ids().length === 1);
    await append([ready(3), completed()], 2);
    await ended;
    expect(ids()).toEqual([2, 3, 4]);
  });

  it('waits for what comes after a revision the run has not reached', async () => {
    await append([submitted()], 'no-stream');
    const { ids, ended } = follower(2);
    await append([ready(1), ready(2), ready(3)], 0);
    await append([completed()], 3);
    await ended;
    expect(ids()).toEqual([3, 4]);
  });

  it('ends at once after the final event', async () => {
    await append([submitted(), completed()], 'no-stream');
    expect(await all(follow(1))).toEqual([]);
    expect(await all(follow(9))).toEqual([]);
    expect((await all(follow(0))).map(({ id }) => id)).toEqual([1]);
  });

  it('knows no run that was not submitted', async () => {
    await expect(all(follow())).rejects.toMatchObject({ code: 'workflow.not-found' });
    await append([planPart(), planPart()], 'no-stream');
    await expect(all(follow())).rejects.toMatchObject({ code: 'workflow.not-found' });
    await append([submitted(), completed()], 1);
    expect((await all(follow())).map(({ id }) => id)).toEqual([2, 3]);
  });

  it('passes over events that have no entry', async () => {
    const note = { ...event('NoteTaken', {}), metadata: {} as NewEvent['metadata'] };
    await append([submitted(), note, completed()], 'no-stream');
    expect((await all(follow())).map(({ id }) => id)).toEqual([0, 2]);
  });

  it('invariant 36: breaks off at an event of a newer engine, live too, and at what follows it', async () => {
    await append([submitted()], 'no-stream');
    const { ended, ids } = follower();
    await until('history', () => ids().length === 1);
    const broken = expect(ended).rejects.toThrow('newer version');
    await append([event('SomethingNewer', {}), completed()], 0);
    await broken;
    expect(ids()).toEqual([0]);
    await expect(all(follow(0))).rejects.toThrow('newer version');
  });

  it('ends when the follower goes', async () => {
    await append([submitted()], 'no-stream');
    const { entries, ended } = follower();
    await until('history', () => entries.length === 1);
    stopFollowing.abort();
    await ended;
    expect(await all(follow())).toEqual([]);
  });

  it('invariant 30: a slow follower loses nothing and delays nobody', async () => {
    const narrow = new EventFeedLiveTimeline(connection.log, connection.feed, everythingThere(), SILENT, new BackgroundLoops(SILENT), {
      bufferedEvents: 16,
    });
    await narrow.start();
    await append([submitted()], 'no-stream');
    const slow = narrow.follow(workflowId, { signal: stopFollowing.signal })[Symbol.asyncIterator]();
    const slowIds = [(await slow.next()).value!.id]; // and now it takes its time
    const quick = follower();
    await until('history', () => quick.entries.length === 1);
    for (let n = 0; n < 200; n += 20) await append(upTo(20).map(() => ready(1)), n); // prettier-ignore
    await until('everything, for the quick one', () => quick.entries.length === 201);
    await append([completed()], 200);
    await quick.ended;
    for (let next = await slow.next(); !next.done; next = await slow.next()) slowIds.push(next.value.id);
    expect(slowIds).toEqual(upTo(202));
    expect(quick.ids()).toEqual(upTo(202));
    await narrow.stop();
  });

  it('serves 200 followers, who come while things happen', async () => {
    await append([submitted()], 'no-stream');
    const followers: ReturnType<typeof follower>[] = [];
    for (let n = 0; n < 20; n++) {
      for (let k = 0; k < 5; k++) followers.push(follower(), follower(k));
      await append([ready(n)], n);
    }
    await append([completed()], 20);
    await Promise.all(followers.map(({ ended }) => ended));
    followers.forEach(({ ids }, n) => {
      const first = n % 2 === 0 ? 0 : ((n % 10) - 1) / 2 + 1;
      expect(ids()).toEqual(upTo(22).slice(first));
    });
  });

  it('invariant 29: misses nothing over a restart of the server', async () => {
    await append([submitted()], 'no-stream');
    const { ids, ended } = follower();
    await until('history', () => ids().length === 1);
    await node.restart();
    await append([ready(1), ready(2)], 0);
    await append([completed()], 2);
    await ended;
    expect(ids()).toEqual(upTo(4));
  });

  it('takes a feed up again that broke for good, where it broke, and says meanwhile that it stands still', async () => {
    let fault: Error | undefined = new EventLogUnavailable('not allowed any more');
    const feed: EventFeed = {
      join: connection.feed.join.bind(connection.feed),
      subscribe: (options) => {
        if (!fault) return connection.feed.subscribe(options);
        const thrown = fault;
        return {
          close: () => Promise.resolve(),
          // eslint-disable-next-line @typescript-eslint/require-await
          async *[Symbol.asyncIterator]() {
            throw thrown;
          },
        };
      },
    };
    const loops = new BackgroundLoops(SILENT);
    const broken = new EventFeedLiveTimeline(connection.log, feed, everythingThere(), SILENT, loops);
    await broken.start();
    await append([submitted()], 'no-stream');
    await append([ready(1)], 0);
    const standing = (): Promise<string> => loops.check().then(() => 'ready', (error: Error) => error.message); // prettier-ignore
    await until('the health problem', async () => (await standing()) === 'live timelines: not allowed any more');
    fault = undefined;
    const entries: LoggedEntry[] = [];
    const ended = (async () => {
      while (entries.at(-1)?.type !== 'workflow_complete')
        for await (const entry of broken.follow(workflowId, {
          signal: stopFollowing.signal,
          ...(entries.length > 0 ? { after: entries.at(-1)!.id } : {}),
        }))
          entries.push(entry);
    })();
    await append([completed()], 1);
    await ended;
    expect(entries.map(({ id }) => id)).toEqual(upTo(3));
    await until('health', async () => (await standing()) === 'ready');
    await broken.stop();
  });

  it('ends all followers when it stops', async () => {
    const stopping = new EventFeedLiveTimeline(connection.log, connection.feed, everythingThere(), SILENT, new BackgroundLoops(SILENT));
    await stopping.start();
    await append([submitted()], 'no-stream');
    const entries: LoggedEntry[] = [];
    const ended = (async () => {
      for await (const entry of stopping.follow(workflowId, { signal: stopFollowing.signal })) entries.push(entry);
    })();
    await until('history', () => entries.length === 1);
    await stopping.stop();
    await ended;
  });
});
