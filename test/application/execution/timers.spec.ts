import { jest } from '@jest/globals';
import { until } from '@lifeos/test-support';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { Timers } from '../../../src/application/execution/timers.js';
import type { WorkflowDecisions } from '../../../src/application/workflow/workflow-decisions.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { SILENT } from '../../contract/event-store/support/quick-timings.js';
import { ScriptedTimers } from '../support/scripted-timers.js';
import { TestClock } from '../support/test-clock.js';

type RetryStep = WorkflowCommand<'RetryStep'>;

interface Scene {
  readonly timers: Timers;
  readonly retries: ScriptedTimers;
  readonly clock: TestClock;
  /** Steps in the order in which their retries were fired. */
  readonly fired: number[];
  carryOut: (retry: RetryStep) => Promise<void>;
}

const started: Timers[] = [];
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(started.splice(0).map((timers) => timers.stop()));
});

function timersOver(retries = new ScriptedTimers(), clock = new TestClock()): Scene {
  const fired: number[] = [];
  const execute = async (_workflowId: number, command: RetryStep): Promise<void> => {
    fired.push(command.data.stepId);
    await all.carryOut(command);
  };
  const timers = new Timers(retries, retries, { execute } as unknown as WorkflowDecisions, clock, new BackgroundLoops(SILENT));
  const all: Scene = {
    timers,
    retries,
    clock,
    fired,
    carryOut: ({ data: { stepId } }) => {
      retries.pending = retries.pending.filter((retry) => retry.stepId !== stepId);
      return Promise.resolve();
    },
  };
  started.push(timers);
  return all;
}

const retryOf = (stepId: number, dueAt: number) => ({ kind: 'retry', workflowId: 1, stepId, attempt: 2, dueAt }) as const;

describe('asking the read model', () => {
  it('happens at most once in 25 ms, however often rows are committed', async () => {
    jest.useFakeTimers();
    const { timers, retries } = timersOver();
    timers.start();
    for (let ms = 0; ms < 250; ms++) {
      retries.commit();
      await jest.advanceTimersByTimeAsync(1);
    }
    const gaps = retries.asked.slice(1).map((at, index) => at - retries.asked[index]!);
    expect(gaps.length).toBeGreaterThanOrEqual(8);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(25);
  });

  it('follows a commit that came while it was asking', async () => {
    jest.useFakeTimers();
    const { timers, retries, fired, clock } = timersOver();
    let open!: () => void;
    const slow = new Promise<void>((resolve) => (open = resolve));
    const { answer } = retries;
    retries.answer = async () => {
      retries.answer = answer;
      await slow;
      return [];
    };
    timers.start();
    await jest.advanceTimersByTimeAsync(1);
    expect(retries.asked).toHaveLength(1);
    retries.pending = [retryOf(1, clock.now())];
    retries.commit();
    open();
    // Long before it would ask by itself.
    await jest.advanceTimersByTimeAsync(100);
    expect(fired).toEqual([1]);
  });

  it('goes on after it failed', async () => {
    const { timers, retries, fired, clock } = timersOver();
    const { answer } = retries;
    retries.pending = [retryOf(1, clock.now())];
    retries.answer = () => {
      retries.answer = answer;
      return Promise.reject(new Error('the database is away'));
    };
    timers.start();
    await until('the retry after the fault', () => fired.length === 1);
  });

  it('ends with stop', async () => {
    const { timers, retries } = timersOver();
    timers.start();
    await until('the first question', () => retries.asked.length > 0);
    await timers.stop();
    const { length } = retries.asked;
    expect(retries.listened).toBe(false);
    retries.commit();
    expect(retries.asked).toHaveLength(length);
  });
});

describe('retries', () => {
  it('are fired when they are due, the one due first first, and never early', async () => {
    const { timers, retries, clock, fired } = timersOver();
    const now = clock.now();
    retries.pending = [retryOf(3, now + 900), retryOf(2, now - 1), retryOf(1, now - 5), retryOf(4, now + 60_000)];
    timers.start();
    await until('the two that are due', () => fired.length === 2);
    expect(fired).toEqual([1, 2]);
    clock.advance(900);
    await until('the third', () => fired.length === 3);
    const { length } = retries.asked;
    await until('more questions', () => {
      retries.commit();
      return retries.asked.length > length + 2;
    });
    expect(fired).toEqual([1, 2, 3]);
  });

  it('that were due before a restart are fired after it', async () => {
    const before = timersOver();
    before.retries.pending = [retryOf(1, before.clock.now() + 1_000)];
    before.timers.start();
    await until('the first question', () => before.retries.asked.length > 0);
    await before.timers.stop();
    before.clock.advance(5_000);
    const after = timersOver(before.retries, before.clock);
    after.timers.start();
    await until('the retry', () => after.fired.length === 1);
    expect(before.fired).toEqual([]);
  });

  it('that are refused are not fired in a busy loop, and do not stop the others', async () => {
    jest.useFakeTimers();
    const all = timersOver();
    const { timers, retries, clock, fired } = all;
    all.carryOut = ({ data: { stepId } }) => {
      if (stepId === 1) return Promise.reject(new DomainError('workflow.finished', 'over'));
      retries.pending = retries.pending.filter((retry) => retry.stepId !== stepId);
      return Promise.resolve();
    };
    retries.pending = [retryOf(1, clock.now()), retryOf(2, clock.now())];
    timers.start();
    await jest.advanceTimersByTimeAsync(900);
    expect(fired).toEqual([1, 2]);
    await jest.advanceTimersByTimeAsync(200);
    expect(fired).toEqual([1, 2, 1]);
  });

  it('that are more than one round holds are all fired', async () => {
    const { timers, retries, clock, fired } = timersOver();
    retries.pending = Array.from({ length: 450 }, (_, index) => retryOf(index + 1, clock.now() - 1_000 + index));
    timers.start();
    await until('all of them', () => {
      retries.commit();
      return retries.pending.length === 0;
    });
    expect(fired).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  });

  it('in work are waited for at the end', async () => {
    const all = timersOver();
    const { timers, retries, clock, fired } = all;
    let finish!: () => void;
    let finished = false;
    all.carryOut = async ({ data: { stepId } }) => {
      if (stepId === 1) throw new Error('the event store is away');
      await new Promise<void>((resolve) => (finish = resolve));
      finished = true;
    };
    retries.pending = [retryOf(1, clock.now()), retryOf(2, clock.now())];
    timers.start();
    await until('both', () => fired.length === 2);
    const stopped = timers.stop().then(() => finished);
    setImmediate(finish);
    expect(await stopped).toBe(true);
  });
});
