import { until } from '@lifeos/test-support';
import type { Leases } from '../../../src/application/nodes/leases.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { Gate } from '../support/gate.js';
import { historyIn, readyRun } from '../support/ready-run.js';
import { ScriptedLeases } from '../support/scripted-leases.js';
import { EVERYBODY_LIVES, feedOfServer } from '../support/shared-server.js';
import { step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { echo, testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const { reaches, dataOf } = historyIn(store);

async function node(worker: string, leases: Leases = EVERYBODY_LIVES): Promise<TestApplication> {
  const app = await application({ worker, feed: feedOfServer(store()), tools: toolsOf(echo()), leases });
  await app.startSagas();
  await app.startExecutor();
  return app;
}

const diamond = [step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['a'] }), step('d', { dependsOn: ['b', 'c'] })];

describe('nodes that share a server', () => {
  it('work on a run one at a time, and do not get in each other’s way', async () => {
    const nodes = [await node('one'), await node('two')];
    const runs = await Promise.all(Array.from({ length: 20 }, (_, n) => submitPlan(nodes[n % 2]!, ...diamond)));
    const workers = await Promise.all(
      runs.map(async ({ workflowId }) => {
        await reaches(workflowId, 'WorkflowCompleted');
        return new Set((await dataOf(workflowId, 'StepStarted')).map(({ worker }) => worker));
      }),
    );
    expect(workers.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(workers.flatMap((of) => [...of]))).toEqual(new Set(['one', 'two']));
    const tried = nodes.flatMap(({ log }) => log.appends.filter(({ streamId }) => streamId.startsWith('workflow-')));
    expect(tried).toHaveLength(new Set(tried.map(({ streamId, expected }) => `${expected}@${streamId}`)).size);
  });

  it('start the steps of a run whose events come to them together with what makes them ready', async () => {
    const app = await node('one');
    const { workflowId } = await submitPlan(app, step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['b'] }));
    await reaches(workflowId, 'WorkflowCompleted');
    const [, , ...later] = app.log.appendsTo(`workflow-${workflowId}`).map(({ types }) => types.join());
    const next = 'StepSucceeded,StepReady,StepStarted';
    expect(later).toEqual([next, next, 'StepSucceeded,WorkflowCompleted']);
  });

  it('take up what nobody was there for yet', async () => {
    const app = await application({ worker: 'one', feed: feedOfServer(store()), leases: EVERYBODY_LIVES });
    await app.startSagas();
    const { workflowId } = await submitPlan(app, step('a'));
    await reaches(workflowId, 'StepReady');
    await app.startExecutor();
    await reaches(workflowId, 'WorkflowCompleted');
  });
});

describe('a node that stops', () => {
  it('ends what it runs, and leaves everything else to the others at once', async () => {
    const gate = new Gate();
    const options = { feed: feedOfServer(store()), leases: EVERYBODY_LIVES };
    const leaving = await application({ ...options, worker: 'leaving', tools: toolsOf(testTool('echo', gate.act)), graceMs: 600_000 });
    const sagas = await leaving.startSagas();
    const executor = await leaving.startExecutor();
    const { workflowId: slow } = await submitPlan(leaving, step('a'));
    await until('the call', () => gate.atOnce === 1);
    const staying = await node('staying');
    const stopped = Promise.all([sagas.stop(), executor.stop()]);
    for (const { workflowId } of await Promise.all(Array.from({ length: 12 }, () => submitPlan(staying, ...diamond))))
      await reaches(workflowId, 'WorkflowCompleted');
    expect(gate.atOnce).toBe(1);
    gate.open();
    await stopped;
    await reaches(slow, 'WorkflowCompleted');
    expect((await dataOf(slow, 'StepStarted')).map(({ worker }) => worker)).toEqual(['leaving']);
  });
});

describe('a node that has lost its lease, and cannot write to the store that it reads from', () => {
  it('leaves its runs to the others, and takes its part again once it holds a lease', async () => {
    const leases = new ScriptedLeases(true);
    const [one, two] = [await node('one', leases), await node('two')];
    const workersOf = async (): Promise<Set<unknown>> => {
      const runs = await Promise.all(Array.from({ length: 12 }, () => submitPlan(two, ...diamond)));
      const workers = runs.map(async ({ workflowId }) => {
        await reaches(workflowId, 'WorkflowCompleted');
        return (await dataOf(workflowId, 'StepStarted')).map(({ worker }) => worker);
      });
      return new Set((await Promise.all(workers)).flat());
    };
    expect(await workersOf()).toEqual(new Set(['one', 'two']));
    one.log.beforeAppend = () => {
      throw new EventLogUnavailable('the store takes nothing from this node');
    };
    leases.lose();
    expect(await workersOf()).toEqual(new Set(['two']));
    one.log.beforeAppend = () => undefined;
    leases.held = true;
    await until('it to take part', async () => {
      leases.look();
      return (await workersOf()).has('one');
    });
  });

  it('stops while it is away', async () => {
    const leases = new ScriptedLeases(true);
    const app = await application({ worker: 'one', feed: feedOfServer(store()), tools: toolsOf(echo()), leases });
    const sagas = await app.startSagas();
    const executor = await app.startExecutor();
    leases.lose();
    await until('it to be away', () => leases.isAwaited);
    await Promise.all([sagas.stop(), executor.stop()]);
    await app.loops.check();
  });
});

describe('a run with more ready steps than its node has places', () => {
  it('has them run where there are some', async () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const slow = testTool('echo', async (text) => {
      await opened;
      return { text };
    });
    for (const worker of ['one', 'two']) {
      const app = await application({ worker, feed: feedOfServer(store()), tools: toolsOf(slow), leases: EVERYBODY_LIVES, concurrency: 2 });
      await app.startSagas();
      await app.startExecutor();
    }
    const submitting = await application({ worker: 'three', feed: feedOfServer(store()), leases: EVERYBODY_LIVES });
    const { workflowId } = await submitPlan(submitting, ...Array.from({ length: 8 }, (_, n) => step(`s${n}`)));
    await reaches(workflowId, 'StepStarted', 4);
    open();
    await reaches(workflowId, 'WorkflowCompleted');
    const started = await dataOf(workflowId, 'StepStarted');
    expect(started).toHaveLength(8);
    expect(new Set(started.map(({ worker }) => worker))).toEqual(new Set(['one', 'two']));
    expect(await dataOf(workflowId, 'StepFailed')).toEqual([]);
  });
});

describe('a start whose answer was lost', () => {
  it('is seen to by its worker once the log can be asked, without its delivery, which may have gone to another node (invariant 37)', async () => {
    const calls: unknown[] = [];
    const act = (args: unknown): Promise<never> => Promise.reject(new Error(`called with ${String(calls.push(args))}`));
    const feed = feedOfServer(store(), ({ retryCount }) => retryCount === 0);
    const app = await application({ worker: 'one', feed, leases: EVERYBODY_LIVES, tools: toolsOf(testTool('echo', act)) });
    const workflowId = await readyRun(app);
    app.log.afterAppend = ({ types }) =>
      types.includes('StepStarted') ? Promise.reject(new EventLogUnavailable('the answer was lost')) : undefined;
    await app.startExecutor();
    await reaches(workflowId, 'StepFailed');
    expect((await dataOf(workflowId, 'StepFailed'))[0]).toMatchObject({ attempt: 1, error: { code: 'attempt.interrupted' } });
    expect(calls).toEqual([]);
  });
});
