import type { AlertRule } from '../../../src/domain/alert/alert-rule.js';
import { ALERTS_STREAM } from '../../../src/application/alerts/alert-codec.js';
import { AlertWatch } from '../../../src/application/alerts/alert-watch.js';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import type { AlertSignsReader, StillRuns, WaitingApprovals } from '../../../src/application/ports/alerts.js';
import type { AnalyticsReader, ToolFigures } from '../../../src/application/ports/analytics.js';
import type { ReadModelProgress } from '../../../src/application/ports/read-models.js';
import { LogRecorder } from '../support/log-recorder.js';
import { TestClock } from '../support/test-clock.js';
import { TestStore } from '../support/test-store.js';

const MINUTE = 60_000;

const figures = (tool: string, succeeded: number, failed: number): ToolFigures => ({
  ...{ part: 0, tool, toolVersion: '1.0.0', attempts: succeeded + failed, succeeded, failed, p50Ms: 1, p95Ms: 1, failures: [] },
});

/** What the read models say, as a test has it. */
class Signs implements AlertSignsReader {
  still: StillRuns = { workflowIds: [], count: 0 };
  waiting: WaitingApprovals = { count: 0, oldest: null };
  tools: readonly ToolFigures[] = [];
  fault: Error | undefined;
  /** Undefined: as far as the log. */
  position: bigint | undefined;
  asked: string[] = [];

  stillRuns(since: string): Promise<StillRuns> {
    this.asked.push(since);
    return this.fault ? Promise.reject(this.fault) : Promise.resolve(this.still);
  }

  waitingApprovals(): Promise<WaitingApprovals> {
    return Promise.resolve(this.waiting);
  }
}

describe('the watch for alerts', () => {
  let store: TestStore;
  let signs: Signs;
  let clock: TestClock;
  let logger: LogRecorder;
  let counted: number[];
  beforeAll(async () => {
    store = await TestStore.start();
  });
  afterAll(() => store.dispose());
  beforeEach(() => {
    signs = new Signs();
    clock = new TestClock(Date.parse('2026-03-01T10:00:00.000Z'));
    logger = new LogRecorder();
    counted = [];
  });
  // Each test leaves an alert of none of its rules.
  afterEach(() => watching().look());

  function watching(...rules: readonly AlertRule[]): AlertWatch {
    const { log } = store;
    const analytics = { tools: () => Promise.resolve(signs.tools) } as unknown as AnalyticsReader;
    const position = async (): Promise<bigint> => {
      if (signs.fault) throw signs.fault;
      return signs.position ?? log.headPosition();
    };
    const waitFor = async (wanted: bigint): Promise<boolean> => (await position()) >= wanted;
    const progress = { position, waitFor } as unknown as ReadModelProgress;
    const metrics = { alerts: (active: number) => counted.push(active) } as never;
    return new AlertWatch({ rules }, signs, analytics, progress, log, clock, metrics, logger, new BackgroundLoops(logger));
  }

  const typesSince = async (revision: number): Promise<string[]> => {
    const types: string[] = [];
    for await (const event of store.log.readStream(ALERTS_STREAM)) if (event.revision > revision) types.push(event.type);
    return types;
  };
  const lastRevision = async (): Promise<number> => (await typesSince(-1)).length - 1;
  const active = async (watch: AlertWatch): Promise<string[]> => [...(await watch.list()).active.values()].map(({ detail }) => detail);

  it('tells of too many failures of a tool, and only of that tool', async () => {
    const watch = watching({ kind: 'failure_rate', name: 'mail', windowMs: 15 * MINUTE, above: 0.2, atLeast: 10, tool: 'email_send' });
    signs.tools = [figures('email_send', 8, 1), figures('job_submit', 0, 50)];
    await watch.look();
    expect(await active(watch)).toEqual([]);
    signs.tools = [figures('email_send', 8, 3)];
    await watch.look();
    expect(await active(watch)).toEqual(['3 of 11 attempts of email_send failed within 15 minutes: 27.3 %, more than 20 %']);
    expect(counted).toEqual([0, 1]);
    expect(logger.said('error', 'alert mail (failure_rate) begins: 3 of 11 attempts')).toHaveLength(1);
  });

  it('tells of runs in which nothing happens', async () => {
    const watch = watching({ kind: 'stuck_run', name: 'stuck', longerThanMs: 2 * 60 * MINUTE });
    signs.still = { workflowIds: [3, 8], count: 30 };
    await watch.look();
    expect(signs.asked).toEqual(['2026-03-01T08:00:00.000Z']);
    expect(await active(watch)).toEqual(['nothing has happened in 30 runs (3, 8, …) for more than 2 hours']);
  });

  it('tells of approvals that are many, or wait for long', async () => {
    const watch = watching({ kind: 'approval_backlog', name: 'backlog', moreThan: 5, olderThanMs: 4 * 60 * MINUTE });
    signs.waiting = { count: 5, oldest: '2026-03-01T07:00:00.000Z' };
    await watch.look();
    expect(await active(watch)).toEqual([]);
    signs.waiting = { count: 1, oldest: '2026-03-01T05:00:00.000Z' };
    await watch.look();
    expect(await active(watch)).toEqual(['1 approval waits: one of them for longer than 4 hours']);
  });

  it('tells of read models that are behind for long, and not of those that come along behind a growing log', async () => {
    const watch = watching({ kind: 'read_models_behind', name: 'behind', longerThanMs: MINUTE });
    const append = async (): Promise<bigint> => {
      await store.log.append(
        `other-${Math.random()}`,
        [{ id: crypto.randomUUID(), type: 'T', data: {}, metadata: {} as never }],
        'no-stream',
      );
      return store.log.headPosition();
    };
    let before = await append();
    for (let n = 0; n < 5; n++) {
      signs.position = before;
      before = await append();
      await watch.look();
      clock.advance(MINUTE);
    }
    expect(await active(watch)).toEqual([]);
    clock.setBack(60 * MINUTE);
    clock.advance(MINUTE);
    await watch.look();
    expect(await active(watch)).toEqual([
      expect.stringMatching(/^read models are at position \d+ of \d+, and have been behind for more than 1 minute$/),
    ]);
    signs.position = undefined;
    await watch.look();
    clock.advance(MINUTE);
    await watch.look();
    expect(await active(watch)).toEqual([]);
  });

  it('tells of read models that do not answer, though it cannot judge the rest', async () => {
    const watch = watching(
      { kind: 'stuck_run', name: 'stuck', longerThanMs: MINUTE },
      { kind: 'read_models_behind', name: 'behind', longerThanMs: MINUTE },
    );
    signs.fault = new Error('the database is away');
    await expect(watch.look()).rejects.toThrow('the database is away');
    clock.advance(2 * MINUTE);
    await expect(watch.look()).rejects.toThrow('the database is away');
    expect(await active(watch)).toEqual(['read models do not answer, and have been behind for more than 1 minute']);
    signs.fault = undefined;
  });

  it('says that an alert is over when its rule has not held for a minute', async () => {
    const watch = watching({ kind: 'stuck_run', name: 'stuck', longerThanMs: MINUTE });
    signs.still = { workflowIds: [3], count: 1 };
    await watch.look();
    signs.still = { workflowIds: [], count: 0 };
    await watch.look();
    clock.advance(MINUTE / 2);
    signs.still = { workflowIds: [3], count: 1 };
    await watch.look();
    signs.still = { workflowIds: [], count: 0 };
    await watch.look();
    clock.advance(MINUTE - 1);
    await watch.look();
    expect(await active(watch)).toHaveLength(1);
    clock.setBack(60 * MINUTE);
    clock.advance(1);
    await watch.look();
    expect(await active(watch)).toEqual([]);
    expect((await watch.list()).ended[0]).toMatchObject({ name: 'stuck', endedAt: new Date(clock.now()).toISOString() });
  });

  it('records a beginning and an end once, however many nodes see it', async () => {
    const before = await lastRevision();
    const rule = { kind: 'stuck_run', name: 'stuck', longerThanMs: MINUTE } as const;
    const nodes = [watching(rule), watching(rule), watching(rule)];
    signs.still = { workflowIds: [3], count: 1 };
    await Promise.all(nodes.map((node) => node.look()));
    signs.still = { workflowIds: [], count: 0 };
    await Promise.all(nodes.map((node) => node.look()));
    clock.advance(MINUTE);
    await Promise.all(nodes.map((node) => node.look()));
    expect(await typesSince(before)).toEqual(['AlertBegan', 'AlertEnded']);
  });

  it('goes on after a restart where it was', async () => {
    const rule = { kind: 'stuck_run', name: 'stuck', longerThanMs: MINUTE } as const;
    signs.still = { workflowIds: [3], count: 1 };
    await watching(rule).look();
    const before = await lastRevision();
    const next = watching(rule);
    await next.look();
    expect(await active(next)).toHaveLength(1);
    expect(await typesSince(before)).toEqual([]);
  });
});
