import { until } from '@lifeos/test-support';
import type { ToolWait } from '../../../src/application/ports/read-models.js';
import { Gate } from '../support/gate.js';
import { historyIn } from '../support/ready-run.js';
import { EVERYBODY_LIVES, feedOfServer } from '../support/shared-server.js';
import { step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { echo, testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const { reaches, dataOf } = historyIn(store);

async function node(worker: string, options: TestApplicationOptions): Promise<TestApplication> {
  const app = await application({ worker, feed: feedOfServer(store()), leases: EVERYBODY_LIVES, ...options });
  await app.startSagas();
  await app.startExecutor();
  return app;
}

/** What the read model would show of a step that waits. */
async function waitOf(workflowId: number, because: ToolWait['because']): Promise<ToolWait> {
  const wait = (await dataOf(workflowId, 'StepWaitsForTool')).at(-1)!;
  return { workflowId, stepId: 1, attempt: wait['attempt'] as number, tool: 'echo', toolVersion: '1.0.0', because, userId: 7 };
}

describe('a step whose run comes to a node that lacks its tool', () => {
  it('runs where it is taken up, and waits no second time', async () => {
    await node('lacking', { tools: toolsOf(testTool('other', (text) => Promise.resolve({ text }))) });
    const having = await node('having', { tools: toolsOf(echo()) });
    const runs = await Promise.all(Array.from({ length: 20 }, () => submitPlan(having, step('a'))));
    for (const { workflowId } of runs) {
      await until('what becomes of it', async () => {
        const types = await store().typesOf(workflowId);
        if (types.includes('WorkflowCompleted')) return true;
        if (types.at(-1) === 'StepWaitsForTool') await having.takingUp.takeUp(await waitOf(workflowId, 'absent'), 'test');
        return false;
      });
      expect((await dataOf(workflowId, 'StepStarted')).map(({ worker }) => worker)).toEqual(['having']);
    }
    const waits = await Promise.all(runs.map(async ({ workflowId }) => (await dataOf(workflowId, 'StepWaitsForTool')).length));
    expect(new Set(waits)).toEqual(new Set([0, 1]));
  });

  it('is left alone while there is no place for it, and whoever takes up is told once there is', async () => {
    const gate = new Gate();
    await node('lacking', { tools: toolsOf(testTool('other', (text) => Promise.resolve({ text }))) });
    const having = await application({
      worker: 'having',
      feed: feedOfServer(store()),
      leases: EVERYBODY_LIVES,
      tools: toolsOf(testTool('echo', gate.act)),
      concurrency: 1,
    });
    const waiting = async (): Promise<number> => {
      const { workflowId } = await submitPlan(having, step('a'));
      await reaches(workflowId, 'StepWaitsForTool');
      return workflowId;
    };
    const [first, second] = [await waiting(), await waiting()];
    await having.startExecutor();
    await having.takingUp.takeUp(await waitOf(first, 'absent'), 'test');
    await until('the call', () => gate.atOnce === 1);
    let told = 0;
    having.takingUp.onPlace(() => told++);
    await having.takingUp.takeUp(await waitOf(second, 'absent'), 'test');
    expect((await store().typesOf(second)).at(-1)).toBe('StepWaitsForTool');
    gate.open();
    await until('word of the place', () => told > 0);
    await having.takingUp.takeUp(await waitOf(second, 'absent'), 'test');
    await until('the call', () => gate.atOnce === 1);
    gate.open();
    await reaches(second, 'WorkflowCompleted');
  });
});
