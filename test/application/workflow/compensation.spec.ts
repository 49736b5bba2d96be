import { until } from '@lifeos/test-support';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { RerunWorkflow } from '../../../src/application/workflow/rerun-workflow.command.js';
import { CompensateWorkflow } from '../../../src/application/workflow/compensate-workflow.command.js';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import type { WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** A tool that books, one that takes a booking back, and one of which nothing is taken back; what they did, in order. */
function bookings(riskOfUndo: TestToolOptions['riskLevel'] = 'L0') {
  const did: string[] = [];
  const book = testTool('book', (text) => (did.push(`book ${text}`), { text: `booking ${text}` }), {
    undo: { tool: 'unbook', args: { text: { $from: 'output', path: '/text' } } },
  });
  const unbook = testTool('unbook', (text) => (did.push(`unbook ${text}`), { text }), { riskLevel: riskOfUndo });
  const tell = testTool('tell', (text) => (did.push(`tell ${text}`), { text }));
  const hold = testTool(
    'hold',
    (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  );
  return { did, tools: toolsOf(book, unbook, tell, hold) };
}

const has = (workflowId: number, type: string): Promise<void> =>
  until(`${type} in ${workflowId}`, async () => (await store().typesOf(workflowId)).includes(type));

const start = async (app: TestApplication): Promise<void> => {
  await app.startSagas();
  await app.startExecutor();
};

/** Flight, then hotel and a letter, then something that goes on until it is stopped. */
const trip = (app: TestApplication) =>
  submitPlan(
    app,
    step('flight', { tool: 'book' }),
    step('hotel', { tool: 'book', dependsOn: ['flight'] }),
    step('letter', { tool: 'tell', dependsOn: ['flight'] }),
    step('wait', { tool: 'hold', dependsOn: ['hotel', 'letter'] }),
  );

async function compensationOf(app: TestApplication, workflowId: number): Promise<WorkflowState> {
  let found: WorkflowState | undefined;
  await until('the run that undoes', async () => {
    const claim = await store().log.readLast(`compensation-${workflowId}`);
    if (!claim) return false;
    found = (await app.decisions.read(claim.data['workflowId'] as number)).state;
    return found.state !== undefined;
  });
  return found!;
}

describe('cancelling with compensation', () => {
  it('undoes in a run of its own what the run did, what was done last first', async () => {
    const { did, tools } = bookings();
    const app = await application({ tools });
    await start(app);
    const { workflowId } = await trip(app);
    await until(
      'all is done but the last',
      async () => (await store().typesOf(workflowId)).filter((type) => type === 'StepStarted').length === 4,
    );
    const { state } = await app.execute(
      new CancelWorkflow({ workflowId, actor: ACTOR, decidedBy: 7, reason: 'No holiday', compensate: true }),
    );
    expect(state).toBe('CANCELLING');
    const compensation = await compensationOf(app, workflowId);
    await has(compensation.workflowId, 'WorkflowCompleted');
    expect(did).toEqual(['book flight', expect.anything(), expect.anything(), 'unbook booking hotel', 'unbook booking flight']);
    expect((await store().typesOf(workflowId)).at(-1)).toBe('WorkflowCancelled');
    expect((await store().eventsOf(workflowId)).at(-1)!.data).toMatchObject({ compensation: { undo: [1, 2], keep: [3, 4] } });
    const [submitted] = await store().eventsOf(compensation.workflowId);
    expect(submitted!.data).toMatchObject({
      userId: 7,
      intent: `Undo workflow ${workflowId}: an intent`.replace('an intent', (await app.decisions.read(workflowId)).state.intent),
      compensates: { workflowId, decidedBy: 7, reason: 'No holiday' },
    });
  });

  it('asks for each undo that is risky, and a rejected one does not hold back the others', async () => {
    const { did, tools } = bookings('L3');
    const app = await application({ tools });
    await start(app);
    const { workflowId } = await trip(app);
    await until('it holds', async () => (await store().typesOf(workflowId)).filter((type) => type === 'StepStarted').length === 4);
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR, compensate: true }));
    const { workflowId: undoing } = await compensationOf(app, workflowId);
    const decideNext = async (count: number, verdict: 'approve' | 'reject'): Promise<void> => {
      const requests = async () => (await store().eventsOf(undoing)).filter(({ type }) => type === 'ApprovalRequested');
      await until('it asks', async () => (await requests()).length === count);
      const { approvalId } = (await requests()).at(-1)!.data as { approvalId: number };
      await app.execute(new DecideApproval({ approvalId, verdict, decidedBy: 7, actor: ACTOR }));
    };
    await decideNext(1, 'reject');
    await decideNext(2, 'approve');
    await has(undoing, 'WorkflowCompleted');
    expect(did.filter((one) => one.startsWith('unbook'))).toEqual(['unbook booking flight']);
  });

  it('undoes nothing where nothing that was done can be', async () => {
    const { did, tools } = bookings();
    const app = await application({ tools });
    await start(app);
    const { workflowId } = await submitPlan(app, step('letter', { tool: 'tell' }), step('wait', { tool: 'hold', dependsOn: ['letter'] }));
    await until('it holds', async () => (await store().typesOf(workflowId)).filter((type) => type === 'StepStarted').length === 2);
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR, compensate: true }));
    await has(workflowId, 'WorkflowCancelled');
    expect((await store().eventsOf(workflowId)).at(-1)!.data).toMatchObject({ compensation: { undo: [], keep: [1, 2] } });
    expect(did).toEqual(['tell letter']);
    await expect(app.execute(new CompensateWorkflow({ workflowId, actor: ACTOR }))).rejects.toMatchObject({
      code: 'workflow.nothing-to-undo',
    });
  });
});

describe('undoing a finished run', () => {
  it('is done once, whoever asks and how often', async () => {
    const { did, tools } = bookings();
    const app = await application({ tools });
    await start(app);
    const { workflowId } = await submitPlan(app, step('flight', { tool: 'book' }));
    await has(workflowId, 'WorkflowCompleted');
    const act = { workflowId, actor: ACTOR, decidedBy: 7 };
    const runs = await Promise.all([1, 2, 3].map(() => app.execute(new CompensateWorkflow(act))));
    expect(new Set(runs.map((run) => run.workflowId)).size).toBe(1);
    await has(runs[0]!.workflowId, 'WorkflowCompleted');
    expect((await app.execute(new CompensateWorkflow(act))).workflowId).toBe(runs[0]!.workflowId);
    expect(did).toEqual(['book flight', 'unbook booking flight']);
  });

  it('has what was undone done again where the run is run again', async () => {
    const { did, tools } = bookings();
    const app = await application({ tools });
    await start(app);
    const { workflowId } = await trip(app);
    await until('it holds', async () => (await store().typesOf(workflowId)).filter((type) => type === 'StepStarted').length === 4);
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR, compensate: true }));
    await has((await compensationOf(app, workflowId)).workflowId, 'WorkflowCompleted');
    const again = await app.execute(new RerunWorkflow({ workflowId, actor: ACTOR }));
    await until(
      'it holds again',
      async () => (await store().typesOf(again.workflowId)).filter((type) => type === 'StepStarted').length === 4,
    );
    expect(did.filter((one) => one === 'book flight')).toHaveLength(2);
    await app.execute(new CancelWorkflow({ workflowId: again.workflowId, actor: ACTOR }));
  });

  it('is refused as long as the run goes on', async () => {
    const { tools } = bookings();
    const app = await application({ tools });
    const { workflowId } = await submitPlan(app, step('flight', { tool: 'book' }));
    await expect(app.execute(new CompensateWorkflow({ workflowId, actor: ACTOR }))).rejects.toMatchObject({
      code: 'workflow.not-finished',
    });
    await expect(app.execute(new CompensateWorkflow({ workflowId: 987_654, actor: ACTOR }))).rejects.toMatchObject({
      code: 'workflow.not-found',
    });
  });
});
