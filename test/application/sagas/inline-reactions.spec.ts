import { until } from '@lifeos/test-support';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { gate } from '../../contract/event-store/support/consumer-recorder.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** An engine that runs its sagas and steps. */
async function engine(options: TestApplicationOptions = {}): Promise<TestApplication> {
  const app = await application(options);
  await app.startSagas();
  await app.startExecutor();
  return app;
}

const ends = (workflowId: number): Promise<void> =>
  until('the end', async () => (await store().typesOf(workflowId)).includes('WorkflowCompleted'));
const appendsOf = (app: TestApplication, workflowId: number) => app.log.appendsTo(workflowStream(workflowId)).map(({ types }) => types);

describe('what follows from an event at once', () => {
  it('is stored together with it: a level of a plan is one append', async () => {
    const app = await engine();
    const { workflowId } = await submitPlan(app, step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['a'] }));
    await ends(workflowId);
    expect(appendsOf(app, workflowId)).toEqual([
      ['WorkflowSubmitted', 'WorkflowPlanned', 'StepReady', 'StepStarted'],
      ['StepSucceeded', 'StepReady', 'StepReady', 'StepStarted', 'StepStarted'],
      ['StepSucceeded', 'StepSucceeded', 'WorkflowCompleted'],
    ]);
  });

  it('names what led to it', async () => {
    const app = await engine();
    const { workflowId } = await submitPlan(app, step('a'));
    await ends(workflowId);
    const [submitted, planned, ready, started] = await store().eventsOf(workflowId);
    expect(submitted!.metadata.$causationId).toBeUndefined();
    expect(ready!.metadata).toMatchObject({ $causationId: planned!.id, actor: { kind: 'system', id: 'scheduler' } });
    expect(started!.metadata).toMatchObject({ $causationId: ready!.id, actor: { kind: 'system', id: 'worker-1' } });
  });

  it('is the start of the step that an approval releases', async () => {
    const app = await engine();
    const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }), step('b'));
    await until('the request', async () => (await store().typesOf(workflowId)).includes('ApprovalRequested'));
    const request = (await store().eventsOf(workflowId)).find(({ type }) => type === 'ApprovalRequested')!;
    const approvalId = request.data['approvalId'] as number;
    await app.execute(new DecideApproval({ approvalId, verdict: 'approve', decidedBy: 10, actor: ACTOR }));
    await ends(workflowId);
    expect(appendsOf(app, workflowId)).toContainEqual(['ApprovalGranted', 'StepReady', 'StepStarted']);
    // The step that waits for nobody is not held up by the one that does.
    expect(appendsOf(app, workflowId)[0]).toEqual(['WorkflowSubmitted', 'WorkflowPlanned', 'StepReady', 'StepStarted']);
  });

  it('is not acted on before it is durable', async () => {
    let calls = 0;
    const held = gate();
    const app = await engine({ tools: toolsOf(testTool('echo', (text) => ({ text, calls: ++calls }))) });
    let isAppending = false;
    app.log.beforeAppend = ({ types }) => {
      if (!types.includes('StepStarted')) return undefined;
      isAppending = true;
      return held.opened;
    };
    const submitted = submitPlan(app, step('a'));
    await until('the append', () => isAppending);
    expect(calls).toBe(0);
    held.open();
    await ends((await submitted).workflowId);
    expect(calls).toBe(1);
  });

  it('is left to the consumer groups where the append is not known to be stored, and no place is lost', async () => {
    const app = await engine({ concurrency: 1 });
    const { workflowId } = await submitPlan(app, step('a'));
    await ends(workflowId);
    let faults = 1;
    app.log.beforeAppend = ({ types }) =>
      types.includes('StepStarted') && faults-- > 0 ? Promise.reject(new EventLogUnavailable('no answer')) : undefined;
    await expect(submitPlan(app, step('a'))).rejects.toThrow('no answer');
    for (let n = 0; n < 3; n++) await ends((await submitPlan(app, step('a'), step('b'))).workflowId);
  });

  it('starts no more steps than there are places; the others are started when they are delivered', async () => {
    let atOnce = 0;
    let mostAtOnce = 0;
    const slow = testTool('echo', async (text) => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      return { text };
    });
    const app = await engine({ concurrency: 3, tools: toolsOf(slow) });
    const { workflowId } = await submitPlan(app, ...Array.from({ length: 20 }, (_, n) => step(`s${n}`)));
    await ends(workflowId);
    expect(appendsOf(app, workflowId)[0]!.filter((type) => type === 'StepStarted')).toHaveLength(3);
    expect(mostAtOnce).toBeLessThanOrEqual(3);
  });

  it('is run by the engine that started it, whoever else takes part in the group', async () => {
    const [one, two] = [await engine({ worker: 'one' }), await engine({ worker: 'two' })];
    const steps = [step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['b'] })];
    const runs = await Promise.all(Array.from({ length: 30 }, (_, n) => submitPlan(n % 2 ? one : two, ...steps)));
    for (const { workflowId } of runs) {
      await ends(workflowId);
      const types = await store().typesOf(workflowId);
      expect(types).not.toContain('StepFailed');
      expect(types.filter((type) => type === 'StepStarted')).toHaveLength(3);
    }
  });

  it('is bounded: what goes beyond comes over the consumer groups', async () => {
    const app = await application();
    await app.startSagas();
    const { workflowId } = await submitPlan(app, ...Array.from({ length: 700 }, (_, n) => step(`s${n}`)));
    await until('all of them', async () => (await store().typesOf(workflowId)).filter((type) => type === 'StepReady').length === 700);
    expect(appendsOf(app, workflowId)[0]!.length).toBeLessThan(650);
  });
});
