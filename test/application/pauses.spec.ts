import { until } from '@lifeos/test-support';
import { LiftPause } from '../../src/application/pauses/lift-pause.command.js';
import { SetPause } from '../../src/application/pauses/set-pause.command.js';
import { ListPauses } from '../../src/application/queries/list-pauses.js';
import { ScheduleReadySteps } from '../../src/application/workflow/schedule-ready-steps.command.js';
import { ACTOR, step, submitPlan } from './support/submissions.js';
import { applicationsOver, type TestApplication } from './support/test-application.js';
import { sharedStore } from './support/test-store.js';
import { testTool, toolsOf } from './support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

const reaches = (workflowId: number, type: string, count = 1): Promise<void> =>
  until(`${count} × ${type}`, async () => (await store().typesOf(workflowId)).filter((one) => one === type).length >= count);

const bothTools = () =>
  toolsOf(
    testTool('echo', (text) => ({ text })),
    testTool('other', (text) => ({ text })),
  );

/** Whatever other tests of this store have set. */
async function liftAll(app: TestApplication): Promise<void> {
  for (const { pauseId } of await app.ask(new ListPauses())) await app.execute(new LiftPause({ pauseId, actor: ACTOR }));
}

describe('the kill switch', () => {
  it('starts no step of a paused tool, and all of them once it is lifted', async () => {
    const app = await application({ tools: bothTools() });
    await app.startPauses();
    const { pauseId } = await app.execute(new SetPause({ tool: 'echo', actor: ACTOR, decidedBy: 5, reason: 'it sends too much' }));
    await app.startExecutor();
    const { workflowId } = await submitPlan(app, step('a'), { ...step('b'), tool: 'other' });
    await app.execute(new ScheduleReadySteps({ workflowId }));
    await reaches(workflowId, 'StepSucceeded');
    await reaches(workflowId, 'StepWaitsForTool');
    const events = await store().eventsOf(workflowId);
    expect(events.filter(({ type }) => type === 'StepStarted').map(({ data }) => data['tool'])).toEqual(['other']);
    expect(events.find(({ type }) => type === 'StepWaitsForTool')).toMatchObject({ data: { tool: 'echo', because: 'paused' } });
    expect(await app.pauses.check()).toMatch(/^paused: echo since /);
    app.toolWaits = [{ workflowId, stepId: 1, attempt: 1, tool: 'echo', toolVersion: '1.0.0', because: 'paused', userId: 7 }];
    await app.startToolOffers();
    await app.execute(new LiftPause({ pauseId, actor: ACTOR }));
    await reaches(workflowId, 'WorkflowCompleted');
    expect(await app.pauses.check()).toBeUndefined();
  });

  it('holds everything where no tool is named, on every node and over restarts', async () => {
    const [one, other] = [await application(), await application({ worker: 'worker-2' })];
    await one.startPauses();
    await other.startPauses();
    const { pauseId } = await one.execute(new SetPause({ tool: null, actor: ACTOR }));
    await until('the other node to know', () => other.pauses.holds('echo'));
    await other.startExecutor();
    const { workflowId } = await submitPlan(one, step('a'));
    await one.execute(new ScheduleReadySteps({ workflowId }));
    await reaches(workflowId, 'StepWaitsForTool');
    const restarted = await application();
    await restarted.startPauses();
    expect(restarted.pauses.holds('anything')).toBe(true);
    expect(await restarted.ask(new ListPauses())).toMatchObject([{ pauseId, tool: null }]);
    await restarted.execute(new LiftPause({ pauseId, actor: ACTOR }));
    await until('all to know', () => !one.pauses.holds('echo') && !other.pauses.holds('echo'));
  });

  it('is set once, however often and by however many', async () => {
    const [one, other] = [await application(), await application({ worker: 'worker-2' })];
    await one.startPauses();
    await other.startPauses();
    const pauses = await Promise.all([one, other, one].map((app) => app.execute(new SetPause({ tool: 'echo', actor: ACTOR }))));
    expect(new Set(pauses.map(({ pauseId }) => pauseId)).size).toBe(1);
    const { pauseId } = pauses[0]!;
    await other.execute(new LiftPause({ pauseId, actor: ACTOR }));
    await expect(one.execute(new LiftPause({ pauseId, actor: ACTOR }))).rejects.toMatchObject({ code: 'pause.not-found' });
    await liftAll(one);
  });
});
