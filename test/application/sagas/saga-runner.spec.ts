import { jest } from '@jest/globals';
import { until } from '@lifeos/test-support';
import { DropParkedEvent } from '../../../src/application/parking/drop-parked-event.command.js';
import { ReplayParkedEvent } from '../../../src/application/parking/replay-parked-event.command.js';
import { advanceRun } from '../../../src/application/sagas/advance-run.saga.js';
import type { Planner } from '../../../src/application/ports/planner.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import type { Plan } from '../../../src/domain/plan/plan.js';
import { ACTOR, step, submit, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';

const store = sharedStore();
const application = applicationsOver(store);

const has = async (workflowId: number, type: string, count = 1): Promise<boolean> =>
  (await store().typesOf(workflowId)).filter((one) => one === type).length >= count;
const reaches = (workflowId: number, type: string, count = 1): Promise<void> =>
  until(`${count} × ${type}`, () => has(workflowId, type, count));
const namesOf = async (workflowId: number, type: string): Promise<unknown[]> =>
  (await store().eventsOf(workflowId)).filter((event) => event.type === type).map(({ data }) => data['name']);

/** Has `advance-run` give up at the third try. */
const impatient = (): void => void jest.replaceProperty(advanceRun, 'patience', 3);
afterEach(() => jest.restoreAllMocks());

const planning = (plan: (intent: string) => Plan): Planner => ({
  name: 'scripted',
  plan: ({ intent }) => Promise.resolve({ kind: 'plan', plan: plan(intent) }),
});

describe('the sagas', () => {
  it('have a submitted intent planned and its first steps made ready', async () => {
    const app = await application({ planner: planning((intent) => ({ steps: [step('a', { args: { text: intent } })] })) });
    await app.startSagas();
    const { workflowId } = await submit(app, { intent: 'say hello' });
    await reaches(workflowId, 'StepReady');
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted', 'WorkflowPlanned', 'StepReady']);
    const [submitted, planned, ready] = await store().eventsOf(workflowId);
    expect(planned!.metadata).toMatchObject({ $causationId: submitted!.id, $correlationId: submitted!.metadata.$correlationId });
    expect(ready!.metadata.$causationId).toBe(planned!.id);
  });

  it('fail a run that the planner has no plan for, or a wrong one', async () => {
    const app = await application();
    await app.startSagas();
    const { workflowId } = await submit(app);
    await reaches(workflowId, 'WorkflowFailed');
    const confused = await application({ planner: planning(() => ({ steps: [step('a', { tool: 'telepathy' })] })) });
    await app.close();
    await confused.startSagas();
    const other = await submit(confused);
    await reaches(other.workflowId, 'WorkflowFailed');
    expect((await store().eventsOf(other.workflowId)).at(-1)!.data).toMatchObject({
      code: 'plan.unknown-tool',
      reason: expect.stringContaining('"telepathy"') as string,
    });
  });

  it('ask a planner that failed again', async () => {
    let tries = 0;
    const app = await application({
      planner: {
        name: 'moody',
        plan: () => {
          tries += 1;
          return tries < 3
            ? Promise.reject(new Error('the model is away'))
            : Promise.resolve({ kind: 'plan', plan: { steps: [step('a')] } });
        },
      },
    });
    await app.startSagas();
    const { workflowId } = await submit(app);
    await reaches(workflowId, 'StepReady');
    expect(app.logger.said('warn', 'the model is away')).toHaveLength(2);
  });

  it('make steps ready once all they depend on have succeeded, in one process or several', async () => {
    const [one, two] = [await application({ worker: 'one' }), await application({ worker: 'two' })];
    for (const app of [one, two]) {
      await app.startSagas();
      await app.startExecutor();
    }
    const steps = [step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['a'] }), step('d', { dependsOn: ['b', 'c'] })];
    const runs = await Promise.all(Array.from({ length: 10 }, (_, n) => submitPlan(n % 2 ? one : two, ...steps)));
    for (const { workflowId } of runs) {
      await reaches(workflowId, 'WorkflowCompleted');
      const types = await store().eventsOf(workflowId);
      const at = (type: string, name: string): number => types.findIndex((event) => event.type === type && event.data['name'] === name);
      expect(await namesOf(workflowId, 'StepReady')).toHaveLength(4);
      for (const { name, dependsOn } of steps)
        for (const key of dependsOn) expect(at('StepReady', name)).toBeGreaterThan(at('StepSucceeded', `Step ${key}`));
    }
  });

  it('release what was approved, and skip what was rejected with all that depends on it', async () => {
    const app = await application();
    await app.startSagas();
    const { workflowId } = await submitPlan(
      app,
      step('a', { riskLevel: 'L3' }),
      step('b', { riskLevel: 'L3' }),
      step('c', { dependsOn: ['b'] }),
      step('d', { dependsOn: ['c'] }),
    );
    await reaches(workflowId, 'ApprovalRequested', 2);
    const [a, b] = (await store().eventsOf(workflowId))
      .filter(({ type }) => type === 'ApprovalRequested')
      .map(({ data }) => data['approvalId'] as number);
    await app.execute(new DecideApproval({ approvalId: a!, verdict: 'approve', decidedBy: 10, actor: ACTOR }));
    await reaches(workflowId, 'StepReady');
    await app.execute(new DecideApproval({ approvalId: b!, verdict: 'reject', decidedBy: 10, reason: 'not now', actor: ACTOR }));
    await reaches(workflowId, 'StepSkipped', 3);
    expect(await namesOf(workflowId, 'StepReady')).toEqual(['Step a']);
    expect(await namesOf(workflowId, 'StepSkipped')).toEqual(['Step b', 'Step c', 'Step d']);
  });

  it('try again what could not be carried out', async () => {
    const app = await application();
    let faults = 3;
    app.log.beforeAppend = ({ types }) =>
      types.includes('StepReady') && faults-- > 0 ? Promise.reject(new EventLogUnavailable('no answer')) : undefined;
    const { workflowId } = await submitPlan(app, step('a'));
    await app.startSagas();
    await reaches(workflowId, 'StepReady');
    expect(app.logger.said('warn', 'advance-run: WorkflowPlanned')).toHaveLength(3);
  });

  it('park an event in its run that can never be dealt with, go on with the others, and deal with it when somebody has it replayed', async () => {
    const app = await application();
    const poisoned = new Set<string>();
    app.log.beforeAppend = ({ streamId, types }) =>
      types.includes('StepReady') && poisoned.has(streamId) ? Promise.reject(new Error('a defect')) : undefined;
    const { workflowId } = await submitPlan(app, step('a'));
    poisoned.add(`workflow-${workflowId}`);
    impatient();
    await app.startSagas();
    const next = await submitPlan(app, step('a'));
    await reaches(next.workflowId, 'StepReady');
    await reaches(workflowId, 'EventParked');
    expect(app.logger.said('error', 'advance-run: WorkflowPlanned 1@')).toEqual([
      expect.stringContaining('is parked after 3 tries: a defect'),
    ]);
    expect((await store().eventsOf(workflowId)).at(-1)).toMatchObject({
      type: 'EventParked',
      data: { handler: 'advance-run', revision: 1, eventType: 'WorkflowPlanned', tries: 3, reason: 'a defect' },
    });
    const act = { workflowId, revision: 1, handler: 'advance-run', actor: ACTOR };
    await expect(app.execute(new ReplayParkedEvent(act))).rejects.toMatchObject({
      code: 'parked-event.failed',
      message: /this time either: a defect/,
    });
    poisoned.clear();
    await app.execute(new ReplayParkedEvent({ ...act, decidedBy: 5, reason: 'mended' }));
    expect((await store().typesOf(workflowId)).slice(-2)).toEqual(['StepReady', 'ParkedEventReplayed']);
    await expect(app.execute(new ReplayParkedEvent(act))).rejects.toMatchObject({ code: 'parked-event.not-found' });
    await expect(app.execute(new DropParkedEvent({ ...act, workflowId: 999_999 }))).rejects.toMatchObject({ code: 'workflow.not-found' });
  });

  it('never park an event because the event store is away', async () => {
    const app = await application();
    let faults = 5;
    app.log.beforeAppend = ({ types }) =>
      types.includes('StepReady') && faults-- > 0 ? Promise.reject(new EventLogUnavailable('no answer')) : undefined;
    const { workflowId } = await submitPlan(app, step('a'));
    impatient();
    await app.startSagas();
    await reaches(workflowId, 'StepReady');
    expect(await has(workflowId, 'EventParked')).toBe(false);
  });

  it('pass over what a cancelled run has left', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await app.startSagas();
    const next = await submitPlan(app, step('a'));
    await reaches(next.workflowId, 'StepReady');
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted', 'WorkflowPlanned', 'WorkflowCancelled']);
    expect(app.logger.lines).toEqual([]);
  });
});
