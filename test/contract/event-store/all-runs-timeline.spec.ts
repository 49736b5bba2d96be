import { randomInt } from 'node:crypto';
import { unique, until, upTo } from '@lifeos/test-support';
import { TestNode } from '@lifeos/event-store-node/testing';
import type { NewEvent } from '../../../src/application/ports/event-log.js';
import type { RunsFilter } from '../../../src/application/ports/live-timeline.js';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { EventFeedLiveTimeline } from '../../../src/application/timeline/event-feed-live-timeline.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import type { EventStoreConnection } from '../../../src/infrastructure/event-store/shared/connection.js';
import { everythingThere, ScriptedProgress } from '../../application/timeline/support/scripted-progress.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { numbered, sampleEvent } from './support/sample-events.js';

/** Small, so that followers often have to go back to the log. */
const BUFFERED = 8;

/** A run that a test writes by hand. */
class WrittenRun {
  readonly workflowId = randomInt(1, 2 ** 40);
  private revision = -1;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly userId = 7,
  ) {}

  async append(...events: readonly NewEvent[]): Promise<bigint> {
    const expected = this.revision < 0 ? 'no-stream' : this.revision;
    const { revision, position } = await this.connection.log.append(workflowStream(this.workflowId), [...events], expected);
    this.revision = revision;
    return position;
  }

  readonly event = (type: string, data: JsonObject = {}): NewEvent =>
    sampleEvent({ workflowId: this.workflowId, at: '2026-01-01T00:00:00.000Z', ...data }, type);
  submit = (): Promise<bigint> => this.append(this.event('WorkflowSubmitted', { userId: this.userId, intent: 'find work' }));
  ready = (count = 1): Promise<bigint> =>
    this.append(...upTo(count).map((n) => this.event('StepReady', { stepId: n, name: `step ${n}`, attempt: 1 })));
  complete = (): Promise<bigint> => this.append(this.event('WorkflowCompleted', { succeeded: 1, skipped: 0 }));
}

describe('the live timeline of all runs', () => {
  let node: TestNode;
  let connection: EventStoreConnection;
  let timeline: EventFeedLiveTimeline;
  let stopFollowing: AbortController;
  const timelineOver = (progress = everythingThere()) =>
    new EventFeedLiveTimeline(connection.log, connection.feed, progress, SILENT, new BackgroundLoops(SILENT), { bufferedEvents: BUFFERED });

  beforeAll(async () => {
    node = await TestNode.start();
    connection = await connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
  });
  afterAll(async () => {
    await connection.close();
    await node.dispose();
  });
  beforeEach(async () => {
    timeline = timelineOver();
    await timeline.start();
    stopFollowing = new AbortController();
  });
  afterEach(async () => {
    stopFollowing.abort();
    await timeline.stop();
  });

  const run = (userId?: number) => new WrittenRun(connection, userId);
  const follow = (asked: RunsFilter & { readonly after?: bigint } = {}, of = timeline, signal = stopFollowing.signal) =>
    of.followAll({ ...asked, signal });
  const follower = (...asked: Parameters<typeof follow>) => {
    const entries: LoggedEntry[] = [];
    const positions: bigint[] = [];
    const ended = (async () => {
      for await (const item of follow(...asked)) {
        if (item.kind === 'entry') entries.push(item.entry);
        else positions.push(item.position);
      }
    })();
    return { entries, positions, ended, began: () => until('the start', () => positions.length > 0) };
  };
  const has = (entries: readonly unknown[], count: number) => until(`${count} entries`, () => entries.length === count);
  const brief = (entries: readonly LoggedEntry[]) => entries.map(({ workflowId, id, type }) => [workflowId, id, type]);

  it('begins with what happens from now on, in the order of the log, and does not end with a run', async () => {
    const [one, two] = [run(), run()];
    await one.submit();
    const { entries, began } = follower();
    await began();
    await two.submit();
    await one.complete();
    await two.ready();
    await until('the last entry', () => entries.at(-1)?.type === 'step_ready');
    // The process may learn of the first submission only now.
    expect(brief(entries).filter(([id, revision]) => id !== one.workflowId || revision !== 0)).toEqual([
      [two.workflowId, 0, 'workflow_started'],
      [one.workflowId, 1, 'workflow_complete'],
      [two.workflowId, 1, 'step_ready'],
    ]);
  });

  it('gives everything from the beginning after position 0, page by page, then what happens', async () => {
    const one = run();
    await one.submit();
    await one.ready(5 * BUFFERED);
    const { entries } = follower({ after: 0n });
    const ofOne = () => entries.filter(({ workflowId }) => workflowId === one.workflowId).map(({ id }) => id);
    await until('history', () => ofOne().length === 5 * BUFFERED + 1);
    await one.complete();
    await until('what happens', () => ofOne().length === 5 * BUFFERED + 2);
    expect(ofOne()).toEqual(upTo(5 * BUFFERED + 2));
    const positions = entries.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('invariant 29: a reader that comes back again and again is given each entry once', async () => {
    const from = await connection.log.headPosition();
    const runs = [run(), run(), run()];
    for (const each of runs) await each.submit();
    const writing = (async () => {
      for (let round = 0; round < 20; round++) for (const each of runs) await each.ready();
      for (const each of runs) await each.complete();
    })();
    const seen: LoggedEntry[] = [];
    let last = from;
    for (let visit = 0; seen.length < 3 * 22; visit++) {
      const leaving = new AbortController();
      let left = 1 + (visit % 7);
      for await (const item of follow({ after: last }, timeline, leaving.signal)) {
        last = item.kind === 'entry' ? item.entry.position : item.position;
        if (item.kind === 'entry') seen.push(item.entry);
        if (--left === 0) leaving.abort();
      }
    }
    await writing;
    for (const { workflowId } of runs) {
      expect(seen.filter((entry) => entry.workflowId === workflowId).map(({ id }) => id)).toEqual(upTo(22));
    }
  });

  it('invariant 29: misses nothing over a restart of the server', async () => {
    const one = run();
    const { entries, began } = follower();
    await began();
    await one.submit();
    await has(entries, 1);
    await node.restart();
    await one.ready(2);
    await one.complete();
    await has(entries, 4);
    expect(entries.map(({ id }) => id)).toEqual(upTo(4));
  });

  it('invariant 30: a slow follower loses nothing and delays nobody', async () => {
    const one = run();
    const slow = follow()[Symbol.asyncIterator]();
    await slow.next(); // the position; and now it takes its time
    const quick = follower();
    await quick.began();
    await one.submit();
    for (let n = 0; n < 10; n++) await one.ready(2 * BUFFERED);
    await has(quick.entries, 20 * BUFFERED + 1);
    const slowIds: number[] = [];
    while (slowIds.length < 20 * BUFFERED + 1) {
      const { value } = await slow.next();
      if (value?.kind === 'entry') slowIds.push(value.entry.id);
    }
    expect(slowIds).toEqual(upTo(20 * BUFFERED + 1));
    expect(quick.entries.map(({ id }) => id)).toEqual(slowIds);
  });

  it('keeps no reading of the log open for those who do not take what was read', async () => {
    const one = run();
    const from = await one.submit();
    await one.ready(3 * BUFFERED);
    const stuck = upTo(40).map(() => follow({ after: from })[Symbol.asyncIterator]());
    for (const each of stuck) {
      await each.next();
      await each.next(); // has its first entry, and the rest of the page waits
    }
    const { entries } = follower({ after: from });
    await has(entries, 3 * BUFFERED);
  });

  it('tells of one user’s runs, whether their submission is seen or not', async () => {
    const [mine, theirs, old] = [run(11), run(12), run(11)];
    const part = old.event('PlanPartRecorded', { part: 0, steps: [] });
    // Parts of a large plan lie before the submission.
    await old.append(part, part, old.event('WorkflowSubmitted', { userId: 11, intent: 'find work' }));
    const after = await theirs.submit();
    await mine.submit();
    await theirs.ready();
    await old.ready();
    const { entries } = follower({ after, userId: 11 });
    await has(entries, 2);
    await mine.complete();
    await theirs.complete();
    await old.complete();
    await has(entries, 4);
    expect(brief(entries)).toEqual([
      [mine.workflowId, 0, 'workflow_started'],
      [old.workflowId, 3, 'step_ready'],
      [mine.workflowId, 1, 'workflow_complete'],
      [old.workflowId, 4, 'workflow_complete'],
    ]);
  });

  it('tells of the wanted types, and how far it is where little is wanted', async () => {
    const one = run();
    const { entries, positions, began } = follower({ types: new Set(['workflow_complete']) });
    await began();
    await one.submit();
    const passedOver = await one.ready(4 * BUFFERED);
    await until('a later place to resume', () => positions.length > 2);
    expect(positions.at(-1)).toBeLessThanOrEqual(passedOver);
    await one.complete();
    await has(entries, 1);
    expect(brief(entries)).toEqual([[one.workflowId, 4 * BUFFERED + 1, 'workflow_complete']]);
  });

  it('has nothing to tell of events without an entry, or of other streams', async () => {
    const one = run();
    const { entries, began } = follower();
    await began();
    await connection.log.append(unique('elsewhere-'), numbered(3), 'no-stream');
    await one.append(one.event('PlanPartRecorded', { part: 0, steps: [] }));
    await one.submit();
    await has(entries, 1);
    expect(brief(entries)).toEqual([[one.workflowId, 1, 'workflow_started']]);
  });

  it('holds a final entry back until the read models have it, and what went before not', async () => {
    const progress = new ScriptedProgress(0n);
    const careful = timelineOver(progress);
    await careful.start();
    const one = run();
    const all = follower({}, careful);
    await all.began();
    await one.submit();
    await one.ready();
    const ofRun: LoggedEntry[] = [];
    const ended = (async () => {
      for await (const entry of careful.follow(one.workflowId, { signal: stopFollowing.signal })) ofRun.push(entry);
    })();
    const last = await one.complete();
    await until('the wait', () => progress.awaited.includes(last));
    await has(ofRun, 2);
    await has(all.entries, 2);
    progress.reach(last);
    await ended;
    await has(all.entries, 3);
    expect(ofRun).toEqual(all.entries);
    await careful.stop();
  });

  it('ends while a final entry waits', async () => {
    const progress = new ScriptedProgress(0n);
    const stopping = timelineOver(progress);
    await stopping.start();
    const one = run();
    const { entries, ended, began } = follower({}, stopping);
    await began();
    await one.submit();
    const last = await one.complete();
    await until('the wait', () => progress.awaited.includes(last));
    await stopping.stop();
    await ended;
    expect(entries.map(({ type }) => type)).toEqual(['workflow_started']);
  });

  it('ends when the follower goes, and when it stops', async () => {
    const leaving = new AbortController();
    const gone = follower({}, timeline, leaving.signal);
    const staying = follower();
    await Promise.all([gone.began(), staying.began()]);
    leaving.abort();
    await gone.ended;
    await timeline.stop();
    await staying.ended;
    const late = follower();
    await late.ended;
    expect(late.positions).toEqual([]);
  });
});
