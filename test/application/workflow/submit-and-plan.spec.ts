import { unique } from '@lifeos/test-support';
import { PlanWorkflow } from '../../../src/application/workflow/plan-workflow.command.js';
import type { PlanningResult } from '../../../src/application/ports/planner.js';
import { step, submit, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { echo, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

const submittedAt = '2026-02-14T10:00:00.000Z';

describe('SubmitIntent', () => {
  it('begins a run that waits for its plan, and says where it is recorded', async () => {
    const app = await application();
    const submitted = await submit(app, { intent: '  find a job  ' });
    const [event, ...more] = await store().eventsOf(submitted.workflowId);
    expect(submitted).toEqual({
      workflowId: expect.any(Number) as number,
      state: 'PLANNING',
      intent: 'find a job',
      position: event!.position,
    });
    expect(event).toMatchObject({
      type: 'WorkflowSubmitted',
      data: { userId: 7, intent: 'find a job', approvalFrom: 'L3', timeZone: 'UTC', planGiven: false },
      metadata: { actor: { kind: 'user', id: '7', authenticated: false } },
    });
    expect(more).toEqual([]);
  });

  it('takes a plan, and names the run for it where no intent is stated', async () => {
    const app = await application();
    const { workflowId, intent, state } = await submit(app, { intent: undefined, plan: { steps: [step('a'), step('b')] } } as never);
    expect(intent).toBe('Run a plan of 2 steps');
    expect(state).toBe('RUNNING');
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted', 'WorkflowPlanned']);
  });

  it('refuses a plan that cannot run before anything is stored (invariant 9)', async () => {
    const app = await application();
    const head = await store().log.headPosition();
    await expect(submitPlan(app, step('a', { dependsOn: ['b'] }), step('b', { dependsOn: ['a'] }))).rejects.toMatchObject({
      code: 'plan.cycle',
    });
    await expect(submitPlan(app, step('a', { dependsOn: ['z'] }))).rejects.toMatchObject({ code: 'plan.dangling-dependency' });
    await expect(submitPlan(app, step('a'), step('a'))).rejects.toMatchObject({ code: 'plan.duplicate-key' });
    await expect(submitPlan(app, step('a', { tool: 'magic' }))).rejects.toMatchObject({ code: 'plan.unknown-tool' });
    await expect(submitPlan(app, step('a', { args: {} }))).rejects.toMatchObject({ code: 'plan.invalid-args' });
    await expect(submit(app, { intent: ' ' })).rejects.toMatchObject({ code: 'intent.empty' });
    expect(await store().log.headPosition()).toBe(head);
  });

  it.each([
    ['L3', undefined, 'L3'],
    ['L3', 'L2', 'L2'],
    ['L2', 'L3', 'L2'],
    ['L2', undefined, 'L2'],
  ] as const)('tightens the configured approval threshold %s with %s to %s, and never loosens it', async (configured, asked, used) => {
    const app = await application({ approvalFrom: configured });
    const { workflowId } = await submit(app, asked === undefined ? {} : { approvalFrom: asked });
    expect((await store().eventsOf(workflowId))[0]!.data['approvalFrom']).toBe(used);
  });

  it('counts runs up from one another', async () => {
    const app = await application();
    const ids = (await Promise.all([submit(app), submit(app), submit(app)])).map(({ workflowId }) => workflowId);
    expect(new Set(ids).size).toBe(3);
    expect((await submit(await application())).workflowId).toBe(Math.max(...ids) + 1);
  });
});

describe('a submission with an idempotency key', () => {
  it('is one run however often it is sent, to whichever process', async () => {
    const [one, two] = [await application(), await application()];
    const idempotencyKey = unique('key');
    const runs = await Promise.all([one, two, one].map((app) => submit(app, { idempotencyKey })));
    const again = await submit(two, { idempotencyKey });
    expect(new Set([...runs, again].map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(await store().typesOf(again.workflowId)).toEqual(['WorkflowSubmitted']);
  });

  it('answers a repeat with what the run is now', async () => {
    const app = await application();
    const idempotencyKey = unique('key');
    const { workflowId } = await submit(app, { idempotencyKey });
    await app.execute(new PlanWorkflow({ workflowId, intent: 'an intent', submittedAt }));
    expect(await submit(app, { idempotencyKey })).toMatchObject({ workflowId, state: 'FAILED' });
  });

  it.each([
    ['intent', { intent: 'another intent' }],
    ['plan', { plan: { steps: [step('a')] } }],
    ['threshold', { approvalFrom: 'L2' }],
  ] as const)('is refused with the same key and another %s', async (_, change) => {
    const app = await application();
    const idempotencyKey = unique('key');
    await submit(app, { idempotencyKey });
    await expect(submit(app, { idempotencyKey, ...change })).rejects.toMatchObject({ code: 'idempotency-key.reused' });
  });

  it('that was claimed by a process that died before it could submit is submitted by the repeat', async () => {
    const dying = await application();
    const idempotencyKey = unique('key');
    dying.log.beforeAppend = ({ streamId }) => (streamId.startsWith('workflow-') ? Promise.reject(new Error('died')) : undefined);
    await expect(submit(dying, { idempotencyKey })).rejects.toThrow('died');
    const { workflowId } = await submit(await application(), { idempotencyKey });
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted']);
  });
});

describe('PlanWorkflow', () => {
  const planned = (plan: () => Promise<PlanningResult>) =>
    application({ planner: { name: 'scripted', plan }, tools: toolsOf(echo({ riskLevel: 'L1' })) });
  const intent = 'an intent';

  it("records the planner's plan, with what the tools' manifests say", async () => {
    const app = await planned(() => Promise.resolve({ kind: 'plan', plan: { steps: [step('a', { riskLevel: 'L0' })] } }));
    const { workflowId } = await submit(app);
    await app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }));
    expect((await store().eventsOf(workflowId))[1]).toMatchObject({
      type: 'WorkflowPlanned',
      data: { planner: 'scripted', stepCount: 1, steps: [{ stepId: 1, key: 'a', toolVersion: '1.0.0', riskLevel: 'L1' }] },
      metadata: { actor: { kind: 'system', id: 'planner:scripted' } },
    });
  });

  it('fails a run that nothing can be planned for, with the reason', async () => {
    const app = await planned(() => Promise.resolve({ kind: 'no-plan', code: 'intent.not-understood', reason: 'Say more.' }));
    const { workflowId } = await submit(app);
    await app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }));
    expect((await store().eventsOf(workflowId))[1]).toMatchObject({
      type: 'WorkflowFailed',
      data: { code: 'intent.not-understood', reason: 'Say more.' },
    });
  });

  it('fails a run whose planner makes a plan that cannot run', async () => {
    const app = await planned(() => Promise.resolve({ kind: 'plan', plan: { steps: [step('a', { tool: 'magic' })] } }));
    const { workflowId } = await submit(app);
    await app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }));
    expect((await store().eventsOf(workflowId))[1]).toMatchObject({ type: 'WorkflowFailed', data: { code: 'plan.unknown-tool' } });
  });

  it('records nothing when the planner breaks, so that it can be asked again', async () => {
    let asked = 0;
    const app = await planned(() => {
      asked += 1;
      if (asked === 1) return Promise.reject(new Error('the planner is away'));
      return Promise.resolve({ kind: 'plan', plan: { steps: [step('a')] } });
    });
    const { workflowId } = await submit(app);
    await expect(app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }))).rejects.toThrow('the planner is away');
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted']);
    await app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }));
    await app.execute(new PlanWorkflow({ workflowId, intent, submittedAt }));
    expect(await store().typesOf(workflowId)).toEqual(['WorkflowSubmitted', 'WorkflowPlanned']);
  });
});
