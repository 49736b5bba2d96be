import { until } from '@lifeos/test-support';
import type { Delivery, EventFeed, Verdict } from '../../../src/application/ports/event-feed.js';
import { StepExecutor } from '../../../src/application/execution/step-executor.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import { recordFailure, recordSuccess, retryStep, startStep } from '../support/attempts.js';
import { Gate } from '../support/gate.js';
import { historyIn, readyRun } from '../support/ready-run.js';
import { ScriptedLeases } from '../support/scripted-leases.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf, type Act, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const { reaches, dataOf } = historyIn(store);

const tools = (act: Act, options?: TestToolOptions) => toolsOf(testTool('echo', act, options));

/** The delivery of a run's first step, as it comes again over another connection. */
async function again(executor: StepExecutor, workflowId: number): Promise<Verdict> {
  const event = (await store().eventsOf(workflowId)).find(({ type }) => type === 'StepReady')!;
  const delivery: Delivery = { event, retryCount: 1 };
  return (executor as unknown as { deliver(delivery: Delivery): Promise<Verdict> }).deliver(delivery);
}

/** As timers do, once it is due. */
const retried = (app: TestApplication, workflowId: number, attempt: number): Promise<void> =>
  until('the retry to be due', async () => {
    await retryStep(app, { workflowId, stepId: 1, attempt }).catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'step.retry-not-due' }),
    );
    return (await dataOf(workflowId, 'StepReady')).some((ready) => ready['attempt'] === attempt);
  });

const LOST = { code: 'attempt.interrupted', message: 'lost', retryable: true, effect: 'unknown' } as const;
/** An executor that has begun an attempt, and may not call its tool before it holds its lease. */
async function begunWithoutLease() {
  const leases = new ScriptedLeases();
  leases.held = false;
  let calls = 0;
  const app = await application({ leases, tools: tools((text) => ({ text, calls: ++calls })) });
  await app.startExecutor();
  const workflowId = await readyRun(app);
  await until('it to be waited for', () => leases.isAwaited);
  return { app, leases, workflowId, calls: () => calls };
}

const OTHER = { stepId: 1, attempt: 1, worker: 'another', causedBy: 'test' };

describe('an attempt that another node runs', () => {
  it('invariant 37: is left to it for as long as it holds its lease, however often it is delivered here', async () => {
    let calls = 0;
    const leases = new ScriptedLeases();
    const app = await application({ leases, tools: tools((text) => ({ text, calls: ++calls })), concurrency: 1 });
    const workflowId = await readyRun(app);
    await startStep(app, { ...OTHER, workflowId });
    const executor = await app.startExecutor();
    await until('it to be waited for', () => leases.isAwaited);
    const redelivered = again(executor, workflowId);
    // Who waits takes no place: other steps run.
    await reaches(await readyRun(app), 'StepSucceeded');
    for (let looks = 0; looks < 3; looks++) leases.look();
    expect(await dataOf(workflowId, 'StepFailed')).toEqual([]);
    await recordSuccess(app, { ...OTHER, workflowId, output: { text: 'theirs' } });
    await until('the delivery to be acknowledged', async () => {
      leases.look();
      return (await Promise.race([redelivered, Promise.resolve()]))?.kind === 'ack';
    });
    expect([calls, await dataOf(workflowId, 'StepFailed')]).toEqual([1, []]);
  });

  it('invariant 36: is not acknowledged where it cannot be recorded that it was interrupted, for a newer node wrote in between', async () => {
    const leases = new ScriptedLeases();
    const verdicts: Verdict[] = [];
    const feed: EventFeed = {
      subscribe: (options) => store().feed.subscribe(options),
      join: (group, handler) =>
        store().feed.join(group, {
          deliver: async (delivery) => {
            const verdict = await handler.deliver(delivery);
            if (delivery.event.type === 'StepReady') verdicts.push(verdict);
            return verdict;
          },
        }),
    };
    const app = await application({ leases, feed, tools: tools((text) => ({ text })) });
    const workflowId = await readyRun(app);
    await startStep(app, { ...OTHER, workflowId });
    leases.isGone = async () => {
      const { length } = await store().eventsOf(workflowId);
      await store().log.append(workflowStream(workflowId), [sampleEvent({ workflowId }, 'StepPostponed')], length - 1);
      return true;
    };
    await app.startExecutor();
    await until('a verdict', () => verdicts.length > 0);
    expect(verdicts[0]).toMatchObject({ kind: 'retry', reason: expect.stringContaining('newer version') as string });
    expect(await dataOf(workflowId, 'StepFailed')).toEqual([]);
  });

  it('is interrupted once its lease has run out, and made again', async () => {
    const leases = new ScriptedLeases();
    const app = await application({ leases, tools: tools((text) => ({ text })) });
    const workflowId = await readyRun(app);
    await startStep(app, { ...OTHER, workflowId });
    await app.startExecutor();
    await until('it to be waited for', () => leases.isAwaited);
    leases.gone.add('another');
    leases.look();
    await reaches(workflowId, 'StepRetryScheduled');
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([
      { attempt: 1, error: { code: 'attempt.interrupted', effect: 'unknown' } },
    ]);
  });

  it('is interrupted at most as often as its own bound says, whatever the maximum of attempts is', async () => {
    const app = await application({ tools: tools((text) => ({ text }), { maxAttempts: 1 }) });
    const workflowId = await readyRun(app);
    for (let attempt = 1; ; attempt++) {
      await startStep(app, { ...OTHER, workflowId, attempt });
      await recordFailure(app, { ...OTHER, workflowId, attempt, error: LOST });
      if ((await dataOf(workflowId, 'StepDeadLettered')).length > 0) break;
      await retried(app, workflowId, attempt + 1);
    }
    expect(await dataOf(workflowId, 'StepFailed')).toHaveLength(11);
    expect(await dataOf(workflowId, 'StepDeadLettered')).toMatchObject([{ attempts: 11, error: { code: 'attempt.interrupted' } }]);
  });
});

describe('a node whose lease is about to run out', () => {
  it('aborts what it runs, which is made again', async () => {
    const leases = new ScriptedLeases();
    const gate = new Gate();
    const app = await application({ leases, tools: tools(gate.act) });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await until('the step to run', () => gate.running.length === 1);
    leases.lose();
    await reaches(workflowId, 'StepRetryScheduled');
    const message = 'The node that ran the attempt could not renew its lease.';
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([{ attempt: 1, error: { code: 'attempt.interrupted', message } }]);
  });

  it('calls no tool before it holds its lease again', async () => {
    const { leases, workflowId, calls } = await begunWithoutLease();
    expect([calls(), await dataOf(workflowId, 'StepStarted')]).toMatchObject([0, [{ attempt: 1 }]]);
    leases.held = true;
    leases.look();
    await reaches(workflowId, 'WorkflowCompleted');
    expect(calls()).toBe(1);
  });
});

describe('a worker that was taken for lost', () => {
  it('invariant 16: calls no tool of an attempt that was taken from it before', async () => {
    const { app, leases, workflowId, calls } = await begunWithoutLease();
    const taking = await application({ worker: 'worker-2' });
    await recordFailure(taking, { ...OTHER, workflowId, worker: 'worker-1', error: { ...LOST, retryable: false } });
    leases.held = true;
    leases.look();
    await until('its place to be free', () => app.get(StepExecutor).load.running === 0);
    expect(calls()).toBe(0);
  });

  it.each([
    ['while the run goes on', 2, undefined],
    ['after the run has ended', 1, true],
  ])('comes with its result %s: it is refused, and recorded', async (_, steps, afterEnd) => {
    const gate = new Gate();
    const stale = await application({ leases: new ScriptedLeases(), tools: tools(gate.act) });
    await stale.startExecutor();
    const workflowId = await readyRun(stale, steps);
    await until('all to run', () => gate.running.length === steps);
    const other = await application({ worker: 'worker-2', tools: tools((text) => ({ text: `${text} of another` })) });
    // The delivery comes to the other node, for which the first one has gone.
    await again(other.get(StepExecutor), workflowId);
    await reaches(workflowId, 'StepRetryScheduled');
    await other.startExecutor();
    await retried(other, workflowId, 2);
    await reaches(workflowId, 'StepSucceeded');
    gate.open();
    await reaches(workflowId, 'StepResultRefused');
    expect(await dataOf(workflowId, 'StepResultRefused')).toMatchObject([
      { stepId: 1, attempt: 1, worker: 'worker-1', outcome: 'succeeded', output: { text: 's0' }, ...(afterEnd && { afterEnd }) },
    ]);
    await reaches(workflowId, 'WorkflowCompleted');
    expect((await dataOf(workflowId, 'StepSucceeded')).find(({ stepId }) => stepId === 1)).toMatchObject({ attempt: 2 });
  });
});

describe('a start whose answer is slow', () => {
  /** A feed over which nobody hears of a cancellation. */
  const deafFeed = (): EventFeed => ({
    join: (group, handler) => store().feed.join(group, handler),
    subscribe: () => {
      let close!: () => void;
      const closed = new Promise<void>((resolve) => (close = resolve));
      return {
        close: () => Promise.resolve(close()),
        async *[Symbol.asyncIterator]() {
          await closed;
        },
      };
    },
  });

  it.each([
    ['', undefined],
    [', though the cancellation was not heard of', deafFeed],
  ] as const)('invariant 12: calls nothing once a cancel was acknowledged meanwhile%s', async (_, feed) => {
    let calls = 0;
    const app = await application({ tools: tools((text) => ({ text, calls: ++calls })), ...(feed && { feed: feed() }) });
    const elsewhere = await application({ worker: 'worker-2' });
    const workflowId = (await submitPlan(app, step('a'))).workflowId;
    app.log.afterAppend = async ({ types }) => {
      if (!types.includes('StepStarted')) return;
      await elsewhere.execute(new CancelWorkflow({ workflowId, actor: ACTOR, reason: 'no more' }));
      await new Promise((resolve) => setTimeout(resolve, 1_100));
    };
    await app.startExecutor();
    await app.execute(new ScheduleReadySteps({ workflowId }));
    await reaches(workflowId, 'WorkflowCancelled');
    expect(calls).toBe(0);
  });
});
