import { until } from '@lifeos/test-support';
import type { EventFeed, GroupHandler } from '../../../src/application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { LiftPause } from '../../../src/application/pauses/lift-pause.command.js';
import { SetPause } from '../../../src/application/pauses/set-pause.command.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import type { ToolContext } from '../../../src/infrastructure/tools/tool.js';
import { startStep } from '../support/attempts.js';
import { Gate } from '../support/gate.js';
import { historyIn, readyRun } from '../support/ready-run.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf, type Act, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const { reaches, dataOf } = historyIn(store);

const tools = (act: Act, options?: TestToolOptions) => toolsOf(testTool('echo', act, options));

describe('the step executor', () => {
  it('records the start, calls the tool with the arguments, records the output', async () => {
    const calls: unknown[] = [];
    const app = await application({
      tools: tools((text, { idempotencyKey, attempt }: ToolContext) => {
        calls.push({ text, idempotencyKey, attempt });
        return { text: text.toUpperCase(), length: text.length };
      }),
    });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await reaches(workflowId, 'WorkflowCompleted');
    const [{ keyPrefix }] = (await dataOf(workflowId, 'WorkflowSubmitted')) as [{ keyPrefix: string }];
    expect(keyPrefix).toMatch(/^[0-9a-f-]{36}$/);
    expect(calls).toEqual([{ text: 's0', idempotencyKey: `${keyPrefix}/step-1`, attempt: 1 }]);
    expect((await store().typesOf(workflowId)).slice(-4)).toEqual(['StepReady', 'StepStarted', 'StepSucceeded', 'WorkflowCompleted']);
    expect(await dataOf(workflowId, 'StepStarted')).toMatchObject([{ attempt: 1, worker: 'worker-1' }]);
    expect(await dataOf(workflowId, 'StepSucceeded')).toMatchObject([{ attempt: 1, output: { text: 'S0', length: 2 } }]);
  });

  it('gives every attempt of a step the same key', async () => {
    const keys: string[] = [];
    const app = await application({
      tools: tools((text, { idempotencyKey, attempt }) => {
        keys.push(idempotencyKey);
        if (attempt === 1) throw new Error('unlucky');
        return { text };
      }),
    });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await reaches(workflowId, 'StepRetryScheduled');
    app.retries.pending = [{ kind: 'retry', workflowId, stepId: 1, attempt: 2, dueAt: 0 }];
    await app.startTimers();
    await reaches(workflowId, 'WorkflowCompleted');
    expect(keys).toEqual([expect.stringMatching(/\/step-1$/), keys[0]]);
  });

  it('runs no more steps at once than it may (invariant 17)', async () => {
    const gate = new Gate();
    const app = await application({ tools: tools(gate.act, { concurrency: 100 }), concurrency: 3 });
    await app.startExecutor();
    const workflowId = await readyRun(app, 8);
    for (let done = 0; done < 8;) {
      await until('as many as possible', () => gate.atOnce === Math.min(3, 8 - done));
      done += gate.atOnce;
      gate.open();
    }
    await reaches(workflowId, 'WorkflowCompleted');
    expect(gate.mostAtOnce).toBe(3);
  });

  it.each<readonly [string, Act, number, string]>([
    [
      'throws',
      () => {
        throw new Error('bang');
      },
      60_000,
      'tool.failed',
    ],
    ['hangs', () => new Promise(() => undefined), 50, 'tool.timed-out'],
    ['answers with what its schema refuses', () => ({ texts: [] }), 60_000, 'tool.invalid-output'],
  ])('lives with a tool that %s: the attempt fails', async (_, act, timeoutMs, code) => {
    const app = await application({ tools: tools(act, { timeoutMs, maxAttempts: 1 }) });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await reaches(workflowId, 'StepDeadLettered');
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([{ attempt: 1, error: { code } }]);
    const told = app.logger.said('error', `step 1 of workflow ${workflowId} ("Step s0", echo) failed for good after 1 attempt: ${code}`);
    expect(told).toEqual([expect.stringContaining('(system worker-1)')]);
    expect(app.counted).toEqual(['failed', 'dead_lettered']);
  });

  it('records an outcome although the event store does not answer for a while, and calls the tool once', async () => {
    let calls = 0;
    const app = await application({ tools: tools((text) => ({ text, calls: ++calls })) });
    let faults = 2;
    app.log.beforeAppend = ({ types }) =>
      types.includes('StepSucceeded') && faults-- > 0 ? Promise.reject(new EventLogUnavailable('no answer')) : undefined;
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await reaches(workflowId, 'WorkflowCompleted');
    expect(calls).toBe(1);
    expect(app.logger.said('warn', 'could not be recorded yet')).toHaveLength(2);
  });

  it('gives every delivery of an attempt that it runs the one outcome, also one that comes again over a new connection (invariant 37)', async () => {
    const gate = new Gate();
    let handler!: GroupHandler;
    const feed: EventFeed = {
      subscribe: (options) => store().feed.subscribe(options),
      join: (group, given) => {
        handler = given;
        return store().feed.join(group, given);
      },
    };
    const app = await application({ feed, tools: tools(gate.act) });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await until('the call', () => gate.atOnce === 1);
    const event = (await store().eventsOf(workflowId)).find(({ type }) => type === 'StepReady')!;
    let settled = 0;
    const again = [0, 1].map((retryCount) => handler.deliver({ event, retryCount }).finally(() => settled++));
    // Each of these is stored after whatever the two deliveries could have asked to be stored.
    for (let count = 0; count < 5; count++) await submitPlan(app, step('other'));
    expect(settled).toBe(0);
    gate.open();
    expect(await Promise.all(again)).toEqual([{ kind: 'ack' }, { kind: 'ack' }]);
    await reaches(workflowId, 'WorkflowCompleted');
    expect((await store().typesOf(workflowId)).slice(-3)).toEqual(['StepStarted', 'StepSucceeded', 'WorkflowCompleted']);
    expect(gate.mostAtOnce).toBe(1);
  });

  it('fails an attempt that another process began and did not end, without a second call', async () => {
    let calls = 0;
    const app = await application({ tools: tools((text) => ({ text, calls: ++calls })) });
    const workflowId = await readyRun(app);
    await startStep(app, { workflowId, stepId: 1, attempt: 1, worker: 'one that has gone', causedBy: 'test' });
    await app.startExecutor();
    await reaches(workflowId, 'StepRetryScheduled');
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([{ attempt: 1, error: { code: 'attempt.interrupted' } }]);
    expect(calls).toBe(0);
  });

  it('records what a step did that was running when its run was cancelled, and only then does the run end', async () => {
    let answer!: () => void;
    const app = await application({
      tools: tools(async (text) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return { text };
      }),
    });
    await app.startExecutor();
    const workflowId = await readyRun(app);
    await until('the call', () => answer !== undefined);
    expect(await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }))).toMatchObject({ state: 'CANCELLING' });
    answer();
    await reaches(workflowId, 'WorkflowCancelled');
    expect((await store().typesOf(workflowId)).slice(-3)).toEqual(['WorkflowStopping', 'StepSucceeded', 'WorkflowCancelled']);
  });

  it('lets running steps finish when it stops, and begins no others', async () => {
    const gate = new Gate();
    const app = await application({ tools: tools(gate.act), concurrency: 2, graceMs: 60_000 });
    const executor = await app.startExecutor();
    const workflowId = await readyRun(app, 5);
    await until('two to run', () => gate.running.length === 2);
    const stopped = executor.stop();
    gate.open();
    await stopped;
    expect(await dataOf(workflowId, 'StepStarted')).toHaveLength(2);
    expect(await dataOf(workflowId, 'StepSucceeded')).toHaveLength(2);
    // What it left is taken by the next one.
    const other = await application({ worker: 'worker-2' });
    await other.startExecutor();
    await reaches(workflowId, 'WorkflowCompleted');
    expect((await dataOf(workflowId, 'StepStarted')).map(({ worker }) => worker).sort()).toEqual([
      'worker-1',
      'worker-1',
      'worker-2',
      'worker-2',
      'worker-2',
    ]);
  });

  it('hands back what has not finished after the grace period', async () => {
    const gate = new Gate();
    const app = await application({ tools: tools(gate.act), graceMs: 30 });
    const executor = await app.startExecutor();
    const workflowId = await readyRun(app);
    await until('the step to run', () => gate.running.length === 1);
    await executor.stop();
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([
      { attempt: 1, error: { code: 'attempt.interrupted', message: 'The engine was shut down while the attempt ran.', retryable: true } },
    ]);
    expect(await dataOf(workflowId, 'StepRetryScheduled')).toHaveLength(1);
  });

  it('takes a place of the tool before the attempt counts as running, and keeps nobody from another tool', async () => {
    const gate = new Gate();
    const app = await application({
      tools: toolsOf(
        testTool('slow', gate.act, { concurrency: 1 }),
        testTool('echo', (text) => ({ text })),
      ),
      concurrency: 2,
      graceMs: 60_000,
    });
    const executor = await app.startExecutor();
    const slow = [0, 1, 2, 3].map((n) => ({ ...step(`slow${n}`), tool: 'slow' }));
    const { workflowId } = await submitPlan(app, ...slow, step('quick'));
    await app.execute(new ScheduleReadySteps({ workflowId }));
    await until('the quick one', async () => (await dataOf(workflowId, 'StepSucceeded')).length === 1);
    expect((await dataOf(workflowId, 'StepStarted')).map(({ tool }) => tool).sort()).toEqual(['echo', 'slow']);
    // Those that wait were never called: nothing is recorded of them when the engine stops.
    const stopped = executor.stop();
    gate.open();
    await stopped;
    expect(await dataOf(workflowId, 'StepFailed')).toEqual([]);
    expect(await dataOf(workflowId, 'StepStarted')).toHaveLength(2);
  });

  it('runs an attempt once that is delivered again while it waits for a place', async () => {
    const gate = new Gate();
    const app = await application({ tools: tools(gate.act, { concurrency: 1 }) });
    const executor = await app.startExecutor();
    const workflowId = await readyRun(app, 2);
    await until('one to run', () => gate.running.length === 1);
    const recorded = (await store().eventsOf(workflowId)).find(
      ({ type, data }) => type === 'StepReady' && data['name'] !== gate.running[0],
    )!;
    const again = (executor as unknown as { deliver(delivery: object): Promise<object> }).deliver({ event: recorded, retryCount: 1 });
    gate.open();
    await until('the other one to run', () => gate.running.length === 2);
    gate.open();
    await reaches(workflowId, 'WorkflowCompleted');
    expect(await again).toEqual({ kind: 'ack' });
    expect(await dataOf(workflowId, 'StepFailed')).toEqual([]);
  });

  it.each([
    ['is paused', { version: '1.0.0' }, true],
    ['is there in another version', { version: '2.0.0' }, false],
  ] as const)('notices that the worker of an attempt has gone although the tool %s', async (_, options, isPaused) => {
    const app = await application({ tools: tools((text) => ({ text }), options) });
    const workflowId = await readyRun(app);
    await startStep(app, { workflowId, stepId: 1, attempt: 1, worker: 'one that has gone', causedBy: 'test' });
    await app.startPauses();
    const pause = isPaused ? await app.execute(new SetPause({ tool: 'echo', actor: ACTOR })) : undefined;
    await app.startExecutor();
    await reaches(workflowId, 'StepRetryScheduled');
    expect(await dataOf(workflowId, 'StepFailed')).toMatchObject([
      { attempt: 1, error: { code: 'attempt.interrupted', effect: 'unknown' } },
    ]);
    if (pause) await app.execute(new LiftPause({ pauseId: pause.pauseId, actor: ACTOR }));
  });

  it('leaves a step whose tool it does not have in the planned version to a node that has it (invariant 34)', async () => {
    const called: string[] = [];
    const act: Act = (text) => {
      called.push(text);
      return { text };
    };
    const old = await application({ tools: tools(act) });
    const workflowId = await readyRun(old);
    const updated = await application({ tools: tools(act, { version: '2.0.0' }), worker: 'worker-2' });
    await updated.startExecutor();
    await reaches(workflowId, 'StepWaitsForTool');
    expect(called).toEqual([]);
    expect(updated.logger.said('warn', 'has no such version of echo')).toHaveLength(1);
    // It offers what it has, which is not what was planned: nothing.
    await updated.startToolOffers();
    await old.startExecutor();
    old.toolWaits = [{ workflowId, stepId: 1, attempt: 1, tool: 'echo', toolVersion: '1.0.0', because: 'absent', userId: 7 }];
    await old.startToolOffers();
    // Either may get the delivery: the one that cannot run it hands it on.
    for (let attempt = 2; !(await store().typesOf(workflowId)).includes('WorkflowCompleted');) {
      const waits = await dataOf(workflowId, 'StepWaitsForTool');
      if (waits.length >= attempt) {
        old.toolWaits = [{ workflowId, stepId: 1, attempt: attempt++, tool: 'echo', toolVersion: '1.0.0', because: 'absent', userId: 7 }];
        old.retries.commit();
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(called).toHaveLength(1);
    expect(await dataOf(workflowId, 'StepStarted')).toMatchObject([{ worker: 'worker-1', toolVersion: '1.0.0' }]);
  });
});
