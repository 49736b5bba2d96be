import { until } from '@lifeos/test-support';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { gate } from '../../contract/event-store/support/consumer-recorder.js';
import { recordFailure, recordSuccess, retryStep, startStep } from '../support/attempts.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { TestClock } from '../support/test-clock.js';
import { sharedStore } from '../support/test-store.js';

const store = sharedStore();
const application = applicationsOver(store);

const ERROR = { code: 'echo.unlucky', message: 'no luck', retryable: true, effect: 'none' } as const;

const schedule = (app: TestApplication, workflowId: number) => app.execute(new ScheduleReadySteps({ workflowId, causedBy: 'cause-1' }));
const attempt = (workflowId: number, stepId: number, change: { readonly attempt?: number; readonly worker?: string } = {}) => ({
  workflowId,
  stepId,
  attempt: 1,
  worker: 'worker-1',
  causedBy: 'cause-2',
  ...change,
});

async function eventsOf(workflowId: number, type: string): Promise<JsonObject[]> {
  return (await store().eventsOf(workflowId)).filter((event) => event.type === type).map(({ data }) => data);
}

/** A run of one step that waits for its approval, and the approval's id. */
async function blockedRun(app: TestApplication) {
  const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }));
  await schedule(app, workflowId);
  const [request] = await eventsOf(workflowId, 'ApprovalRequested');
  return { workflowId, approvalId: request!['approvalId'] as number, argsHash: request!['argsHash'] as string };
}

describe('ScheduleReadySteps', () => {
  it('makes ready what depends on nothing, and later what depended on it, with its output in place', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'), step('b', { args: { text: { $from: 'a', path: '/text' } } }));
    await schedule(app, workflowId);
    expect((await eventsOf(workflowId, 'StepReady')).map(({ name }) => name)).toEqual(['Step a']);
    await startStep(app, attempt(workflowId, 1));
    await recordSuccess(app, { ...attempt(workflowId, 1), output: { text: 'from a' } });
    await schedule(app, workflowId);
    expect((await eventsOf(workflowId, 'StepReady'))[1]).toMatchObject({ name: 'Step b', args: { text: 'from a' } });
  });

  it('asks for one approval per step however many ask at once, in one process or several', async () => {
    const [one, two] = [await application(), await application()];
    const steps = Array.from({ length: 5 }, (_, index) => step(`s${index}`, { riskLevel: 'L3' }));
    const { workflowId } = await submitPlan(one, ...steps);
    await Promise.all([one, two, one, two, one].map((app) => schedule(app, workflowId)));
    const requests = await eventsOf(workflowId, 'ApprovalRequested');
    expect(requests.map(({ stepId }) => stepId).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(requests.map(({ approvalId }) => approvalId)).size).toBe(5);
  });

  it('deals with a plan of many steps, in more than one decision', async () => {
    const app = await application();
    const steps = Array.from({ length: 600 }, (_, index) => step(`s${index}`));
    const { workflowId } = await submitPlan(app, ...steps);
    await schedule(app, workflowId);
    expect(await eventsOf(workflowId, 'StepReady')).toHaveLength(600);
    expect(app.log.appendsTo(`workflow-${workflowId}`).length).toBeGreaterThan(2);
  });

  it('looks for the latest of all the events that come while it is at work', async () => {
    const [app, other] = [await application(), await application()];
    const { workflowId } = await submitPlan(app, step('a'), step('b', { dependsOn: ['a'] }));
    const { opened, open } = gate();
    app.log.afterAppend = () => opened;
    const passes = [schedule(app, workflowId)];
    await until('the first step to be ready', async () => (await eventsOf(workflowId, 'StepReady')).length === 1);
    await startStep(other, attempt(workflowId, 1));
    await recordSuccess(other, { ...attempt(workflowId, 1), output: {} });
    const revisionOf = async (type: string) => (await store().eventsOf(workflowId)).find((event) => event.type === type)!.revision;
    // The pass, which has yet to hear that it stored the first of these two, does not know the second.
    for (const type of ['StepReady', 'StepSucceeded'])
      passes.push(app.execute(new ScheduleReadySteps({ workflowId, revision: await revisionOf(type) })));
    open();
    await Promise.all(passes);
    expect((await eventsOf(workflowId, 'StepReady')).map(({ name }) => name)).toEqual(['Step a', 'Step b']);
  });

  it('goes on with the next pass after one that failed', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    app.log.beforeAppend = () => {
      app.log.beforeAppend = () => undefined;
      return Promise.reject(new Error('gone'));
    };
    const passes = await Promise.allSettled([schedule(app, workflowId), schedule(app, workflowId)]);
    expect(passes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await eventsOf(workflowId, 'StepReady')).toHaveLength(1);
  });

  it('does nothing to a run that is over, and is refused for one that never was', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await schedule(app, workflowId);
    expect(await eventsOf(workflowId, 'StepReady')).toEqual([]);
    await expect(schedule(app, workflowId + 1_000)).rejects.toMatchObject({ code: 'workflow.not-found' });
  });
});

describe('an attempt', () => {
  async function readyRun(app: TestApplication, ...steps: Parameters<typeof step>[]) {
    const { workflowId } = await submitPlan(app, ...steps.map((args) => step(...args)));
    await schedule(app, workflowId);
    return workflowId;
  }

  it('is started once; who asks again learns who runs it', async () => {
    const app = await application();
    const workflowId = await readyRun(app, ['a']);
    const first = await startStep(app, attempt(workflowId, 1));
    const second = await startStep(app, attempt(workflowId, 1, { worker: 'worker-2' }));
    expect([first, second].map(({ events }) => events.length)).toEqual([1, 0]);
    for (const { state } of [first, second]) expect(stepOf(state, 1)).toMatchObject({ worker: 'worker-1', args: { text: 'a' } });
    expect(await eventsOf(workflowId, 'StepStarted')).toHaveLength(1);
  });

  it('has one outcome: a repeat changes nothing, another one comes too late (invariant 10)', async () => {
    const app = await application();
    const workflowId = await readyRun(app, ['a'], ['b']);
    await startStep(app, attempt(workflowId, 1));
    const success = { ...attempt(workflowId, 1), output: { text: 'a' } };
    await recordSuccess(app, success);
    await recordSuccess(app, success);
    await expect(recordFailure(app, { ...attempt(workflowId, 1), error: ERROR })).rejects.toMatchObject({
      code: 'step.attempt-not-running',
    });
    expect(await eventsOf(workflowId, 'StepSucceeded')).toHaveLength(1);
    expect(await eventsOf(workflowId, 'StepFailed')).toEqual([]);
  });

  it("is not ended by another worker's result (invariant 16)", async () => {
    const app = await application();
    const workflowId = await readyRun(app, ['a']);
    await startStep(app, attempt(workflowId, 1));
    const stale = { ...attempt(workflowId, 1, { worker: 'worker-2' }), output: {} };
    await expect(recordSuccess(app, stale)).rejects.toMatchObject({ code: 'step.attempt-not-running' });
  });

  it('that failed is followed by another one, not before its time (invariant 15), and once', async () => {
    const clock = new TestClock();
    const app = await application({ clock });
    const workflowId = await readyRun(app, ['a']);
    await startStep(app, attempt(workflowId, 1));
    await recordFailure(app, { ...attempt(workflowId, 1), error: ERROR });
    const [scheduled] = await eventsOf(workflowId, 'StepRetryScheduled');
    expect(scheduled).toMatchObject({ attempt: 2, dueAt: new Date(clock.now() + 1).toISOString() });
    const retry = { workflowId, stepId: 1, attempt: 2 };
    await expect(retryStep(app, retry)).rejects.toMatchObject({ code: 'step.retry-not-due' });
    clock.advance(1);
    await Promise.all([retryStep(app, retry), retryStep(app, retry)]);
    expect((await eventsOf(workflowId, 'StepReady')).map(({ attempt: number }) => number)).toEqual([1, 2]);
  });

  it('is the last where the tool allows no more: the step is dead-lettered (invariant 14)', async () => {
    const clock = new TestClock();
    const app = await application({ clock });
    const workflowId = await readyRun(app, ['a']);
    for (const number of [1, 2]) {
      await startStep(app, attempt(workflowId, 1, { attempt: number }));
      await recordFailure(app, { ...attempt(workflowId, 1, { attempt: number }), error: ERROR });
      clock.advance(1_000);
      if (number === 1) await retryStep(app, { workflowId, stepId: 1, attempt: 2 });
    }
    expect(await eventsOf(workflowId, 'StepDeadLettered')).toMatchObject([{ attempts: 2, error: ERROR }]);
    await expect(retryStep(app, { workflowId, stepId: 1, attempt: 3 })).rejects.toMatchObject({ code: 'step.not-ready' });
  });
});

describe('an approval', () => {
  const deciding =
    (verdict: 'approve' | 'reject') =>
    (approvalId: number, more: object = {}): DecideApproval =>
      new DecideApproval({ approvalId, verdict, decidedBy: 10, actor: ACTOR, ...more });
  const approval = deciding('approve');
  const rejection = deciding('reject');

  it('lets exactly what was asked for run, once scheduling goes on (invariant 21)', async () => {
    const app = await application();
    const { workflowId, approvalId, argsHash } = await blockedRun(app);
    const decided = await app.execute(approval(approvalId, { argsHash, reason: 'fine' }));
    const granted = (await store().eventsOf(workflowId)).at(-1)!;
    expect(decided).toEqual({
      approvalId,
      workflowId,
      status: 'approved',
      decidedBy: 10,
      decidedAt: granted.data['at'],
      reason: 'fine',
      alreadyDecided: false,
      position: granted.position,
    });
    expect(granted).toMatchObject({ type: 'ApprovalGranted', data: { argsHash, reason: 'fine' }, metadata: { actor: ACTOR } });
    await schedule(app, workflowId);
    expect(await eventsOf(workflowId, 'StepReady')).toMatchObject([{ argsHash }]);
  });

  it('gets one decision: a repeat answers with the first, the contrary is refused (invariant 23)', async () => {
    const [one, two] = [await application(), await application()];
    const { workflowId, approvalId } = await blockedRun(one);
    const first = await one.execute(approval(approvalId));
    const again = await two.execute(approval(approvalId, { decidedBy: 11 }));
    expect(first).toMatchObject({ alreadyDecided: false });
    expect(again).toEqual({ ...first, alreadyDecided: true });
    await expect(two.execute(rejection(approvalId))).rejects.toMatchObject({ code: 'approval.already-decided' });
    expect(await eventsOf(workflowId, 'ApprovalGranted')).toHaveLength(1);
  });

  it.each([
    ['with the reason of the first', 'fine', 'fine'],
    ['without one where the first gave none', undefined, null],
  ])('answers a repeat %s, and records nothing of its own', async (_, given, recorded) => {
    const app = await application();
    const { workflowId, approvalId } = await blockedRun(app);
    await app.execute(rejection(approvalId, given === undefined ? {} : { reason: given }));
    const types = await store().typesOf(workflowId);
    const again = await app.execute(rejection(approvalId, { decidedBy: 11, reason: 'another one' }));
    expect(again).toMatchObject({ decidedBy: 10, reason: recorded, alreadyDecided: true });
    expect(await store().typesOf(workflowId)).toEqual(types);
  });

  it('tells of equal decisions at the same moment that one was the first', async () => {
    const [one, two] = [await application(), await application()];
    const { approvalId } = await blockedRun(one);
    const answers = await Promise.all(
      [one, two, one].map((app, index) => app.execute(approval(approvalId, { decidedBy: index + 1, reason: `${index}` }))),
    );
    const first = answers.filter(({ alreadyDecided }) => !alreadyDecided);
    expect(first).toHaveLength(1);
    for (const answer of answers) expect({ ...answer, alreadyDecided: false }).toEqual(first[0]);
  });

  it('gets one decision of two contrary ones at the same moment', async () => {
    const [one, two] = [await application(), await application()];
    const { workflowId, approvalId } = await blockedRun(one);
    const results = await Promise.allSettled([one.execute(approval(approvalId)), two.execute(rejection(approvalId))]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const types = await store().typesOf(workflowId);
    expect(types.filter((type) => type === 'ApprovalGranted' || type === 'ApprovalRejected')).toHaveLength(1);
  });

  it('that is rejected skips the step and what depends on it', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }), step('b', { dependsOn: ['a'] }));
    await schedule(app, workflowId);
    const [request] = await eventsOf(workflowId, 'ApprovalRequested');
    const approvalId = request!['approvalId'] as number;
    expect(await app.execute(rejection(approvalId, { reason: 'too risky' }))).toMatchObject({ status: 'rejected' });
    await schedule(app, workflowId);
    expect((await store().typesOf(workflowId)).slice(-4)).toEqual(['ApprovalRejected', 'StepSkipped', 'StepSkipped', 'WorkflowCompleted']);
  });

  it('is refused over other arguments, for a run that is over, and where there is none (invariants 22 and 25)', async () => {
    const app = await application();
    const { workflowId, approvalId } = await blockedRun(app);
    const stale = approval(approvalId, { argsHash: '0'.repeat(64) });
    await expect(app.execute(stale)).rejects.toMatchObject({ code: 'approval.stale-arguments' });
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await expect(app.execute(approval(approvalId))).rejects.toMatchObject({ code: 'approval.void' });
    await expect(app.execute(approval(approvalId + 1_000))).rejects.toMatchObject({ code: 'approval.not-found' });
  });

  it('whose id was given and whose request was never recorded is none', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }));
    app.log.afterAppend = ({ streamId }) => (/^approval-/.test(streamId) ? Promise.reject(new Error('died')) : undefined);
    await expect(schedule(app, workflowId)).rejects.toThrow('died');
    const last = (await store().log.readLast('sequence-approval'))!.data['to'] as number;
    await expect(app.execute(approval(last))).rejects.toMatchObject({ code: 'approval.not-found' });
    app.log.afterAppend = () => undefined;
    await schedule(app, workflowId);
    expect(await eventsOf(workflowId, 'ApprovalRequested')).toMatchObject([{ approvalId: last + 1 }]);
  });
});

describe('CancelWorkflow', () => {
  it('ends a run with the reason, and repeated changes nothing', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    const first = await app.execute(new CancelWorkflow({ workflowId, reason: 'not any more', actor: ACTOR }));
    expect(first).toMatchObject({ workflowId, state: 'CANCELLED' });
    expect(await app.execute(new CancelWorkflow({ workflowId, reason: 'again', actor: ACTOR }))).toEqual(first);
    expect(await eventsOf(workflowId, 'WorkflowCancelled')).toMatchObject([{ reason: 'not any more' }]);
  });

  it('leaves nothing to start (invariant 12), waits for what runs, and records nothing after its end (invariant 11)', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'), step('b'));
    await schedule(app, workflowId);
    await startStep(app, attempt(workflowId, 1));
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await expect(startStep(app, attempt(workflowId, 2))).rejects.toMatchObject({ code: 'workflow.stopping' });
    await recordSuccess(app, { ...attempt(workflowId, 1), output: {} });
    expect((await store().typesOf(workflowId)).slice(-2)).toEqual(['StepSucceeded', 'WorkflowCancelled']);
    const late = { ...attempt(workflowId, 2), output: {} };
    await expect(recordSuccess(app, late)).rejects.toMatchObject({ code: 'workflow.finished' });
  });

  it('is refused for a run that is over, and for one that never was', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    await schedule(app, workflowId);
    await startStep(app, attempt(workflowId, 1));
    await recordSuccess(app, { ...attempt(workflowId, 1), output: {} });
    await expect(app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }))).rejects.toMatchObject({ code: 'workflow.finished' });
    const never = new CancelWorkflow({ workflowId: workflowId + 1_000, actor: ACTOR });
    await expect(app.execute(never)).rejects.toMatchObject({ code: 'workflow.not-found' });
  });
});
