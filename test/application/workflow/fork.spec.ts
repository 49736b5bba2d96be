import { until } from '@lifeos/test-support';
import { SetPause } from '../../../src/application/pauses/set-pause.command.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { ForkWorkflow, type ForkAct } from '../../../src/application/workflow/fork-workflow.command.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** Tools that write down each call. */
function watched() {
  const calls: string[] = [];
  const send = testTool('send', (text) => (calls.push(text), { text: `sent ${text}` }), { riskLevel: 'L3', effect: 'non-idempotent' });
  const echo = testTool('echo', (text) => (calls.push(text), { text: `done ${text}` }));
  return { calls, tools: toolsOf(echo, send) };
}

const has = (workflowId: number, type: string): Promise<void> =>
  until(`${type} in ${workflowId}`, async () => (await store().typesOf(workflowId)).includes(type));

const outputsOf = async (app: TestApplication, workflowId: number) =>
  [...(await app.decisions.read(workflowId)).state.steps].map(({ output }) => output);

/** Something safe, something risky that uses its output, something after that. Waits for the approval. */
async function waitingRun(app: TestApplication): Promise<number> {
  await app.startSagas();
  await app.startExecutor();
  const text = { $from: 'first', path: '/text' };
  const { workflowId } = await submitPlan(
    app,
    step('first'),
    step('risky', { tool: 'send', args: { text }, dependsOn: ['first'] }),
    step('last', { dependsOn: ['risky'] }),
  );
  await has(workflowId, 'ApprovalRequested');
  return workflowId;
}

describe('a shadow of a run (invariant 40)', () => {
  const fork = (app: TestApplication, workflowId: number, more: Partial<ForkAct> = {}) =>
    app.execute(new ForkWorkflow({ workflowId, actor: ACTOR, revision: 1, ...more }));

  it('goes on to its end without a call, a question, or a word in the original', async () => {
    const { calls, tools } = watched();
    const app = await application({ tools });
    const workflowId = await waitingRun(app);
    const before = await store().typesOf(workflowId);
    const { workflowId: shadow } = await fork(app, workflowId, { decidedBy: 7, reason: 'What if?' });
    await has(shadow, 'WorkflowCompleted');
    expect(calls).toEqual(['first']);
    expect(await store().typesOf(workflowId)).toEqual(before);
    expect(await outputsOf(app, shadow)).toEqual([{ text: 'done first' }, { text: 'unknown' }, { text: 'unknown' }]);
    const [submitted] = await store().eventsOf(shadow);
    expect(submitted!.data).toMatchObject({ fork: { workflowId, revision: 1, edited: [], decidedBy: 7, reason: 'What if?' } });
    const started = (await store().eventsOf(shadow)).filter(({ type }) => type === 'StepStarted');
    expect(started.map(({ data }) => data['shadow'])).toEqual([true, true, true]);
    // What it would have sent is what was to be approved.
    expect((await app.decisions.read(shadow)).state.steps.at(1)!.args).toEqual({ text: 'done first' });
  });

  it('stops engines that do not know of shadows: they would call its tools', async () => {
    const { tools } = watched();
    const app = await application({ tools });
    const workflowId = await waitingRun(app);
    const { workflowId: shadow } = await fork(app, workflowId);
    const versions = async (id: number) =>
      (await store().eventsOf(id)).filter(({ type }) => type === 'WorkflowSubmitted').map(({ metadata }) => metadata.schemaVersion);
    expect([await versions(workflowId), await versions(shadow)]).toEqual([[1], [2]]);
  });

  it('shows what other arguments and decisions would come to', async () => {
    const { calls, tools } = watched();
    const app = await application({ tools });
    const workflowId = await waitingRun(app);
    const { revision } = await app.decisions.read(workflowId);
    const { workflowId: shadow } = await fork(app, workflowId, {
      revision,
      args: { last: { text: 'other' } },
      decisions: { risky: 'reject' },
    });
    await has(shadow, 'WorkflowCompleted');
    expect([...(await app.decisions.read(shadow)).state.steps].map(({ state }) => state)).toEqual(['SUCCEEDED', 'SKIPPED', 'SKIPPED']);
    expect(calls).toEqual(['first']);
  });

  it('needs no tool, and is not held by a pause', async () => {
    const { tools } = watched();
    const app = await application({ tools });
    await app.startPauses();
    const workflowId = await waitingRun(app);
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await app.execute(new SetPause({ tool: null, actor: ACTOR }));
    const { workflowId: shadow } = await fork(app, workflowId, { revision: 2 });
    await has(shadow, 'WorkflowCompleted');
  });

  it('is made once for a key, and refused with arguments that the tool does not take', async () => {
    const { tools } = watched();
    const app = await application({ tools });
    const workflowId = await waitingRun(app);
    const once = { idempotencyKey: `what if ${workflowId}` };
    const [one, other] = [await fork(app, workflowId, once), await fork(app, workflowId, once)];
    expect(other.workflowId).toBe(one.workflowId);
    await expect(fork(app, workflowId, { ...once, revision: 2 })).rejects.toMatchObject({ code: 'idempotency-key.reused' });
    await expect(fork(app, workflowId, { args: { last: { words: 'x' } } })).rejects.toMatchObject({ code: 'step.invalid-args' });
    await expect(fork(app, workflowId, { revision: 9_999 })).rejects.toMatchObject({ code: 'revision.not-found' });
    await expect(fork(app, one.workflowId)).rejects.toMatchObject({ code: 'workflow.shadow' });
  });
});
