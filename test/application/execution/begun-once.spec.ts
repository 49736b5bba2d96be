import { until } from '@lifeos/test-support';
import type { EventFeed, GroupHandler, Verdict } from '../../../src/application/ports/event-feed.js';
import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import { soleLeases } from '../../../src/application/nodes/leases.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { Gate } from '../support/gate.js';
import { historyIn, readyRun } from '../support/ready-run.js';
import { step, submit, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const { reaches } = historyIn(store);

/** Nothing comes by itself: the test delivers. */
class FeedByHand implements EventFeed {
  private handler!: GroupHandler;
  onJoin: () => void = () => undefined;

  subscribe(options: Parameters<EventFeed['subscribe']>[0]): ReturnType<EventFeed['subscribe']> {
    return store().feed.subscribe(options);
  }

  join(_group: unknown, handler: GroupHandler): ReturnType<EventFeed['join']> {
    this.handler = handler;
    this.onJoin();
    const leave = (): Promise<void> => Promise.resolve();
    return Promise.resolve({ claim: () => () => undefined, stop: leave, abandon: leave });
  }

  /** For the first time or again. */
  deliver(event: RecordedEvent, retryCount: number): Promise<Verdict> {
    return this.handler.deliver({ event, retryCount });
  }
}

const readyIn = async (workflowId: number): Promise<RecordedEvent> =>
  (await store().eventsOf(workflowId)).find(({ type }) => type === 'StepReady')!;

/** All that follows from what was done in this turn, before the next. */
async function restOfTurn(): Promise<void> {
  for (let n = 0; n < 50; n++) await Promise.resolve();
}

describe('an attempt', () => {
  it('that its delivery begins is not begun by what else makes it ready here, and stays known to run', async () => {
    const gate = new Gate();
    const feed = new FeedByHand();
    const app = await application({ worker: 'one', feed, tools: toolsOf(testTool('echo', gate.act)) });
    const executor = await app.startExecutor();
    const { workflowId } = await submitPlan(app, step('a'));
    const other = await application({ worker: 'two' });
    await other.execute(new ScheduleReadySteps({ workflowId }));
    const event = await readyIn(workflowId);
    const outcome = feed.deliver(event, 0);
    await restOfTurn();
    expect(executor.load.running).toBe(1);
    // Both are decided together, over what this process knows of the run.
    await app.execute(new ScheduleReadySteps({ workflowId }));
    await until('the call', () => gate.atOnce === 1);
    expect(executor.load.running).toBe(1);
    const again = feed.deliver(event, 1);
    for (let n = 0; n < 3; n++) await submitPlan(other, step('b'));
    gate.open();
    expect(await Promise.all([outcome, again])).toEqual([{ kind: 'ack' }, { kind: 'ack' }]);
    expect(await store().typesOf(workflowId)).not.toContain('StepFailed');
    expect(gate.mostAtOnce).toBe(1);
  });

  it('is not begun any more once the executor stops, however far its delivery is', async () => {
    const feed = new FeedByHand();
    const app = await application({ feed, tools: toolsOf(testTool('echo', (text) => Promise.resolve({ text }))) });
    const executor = await app.startExecutor();
    const other = await application({ worker: 'two' });
    const workflowId = await readyRun(other);
    let goOn!: () => void;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    app.log.beforeReadEnds = (streamId) => (streamId === workflowStream(workflowId) ? held : undefined);
    const verdict = feed.deliver(await readyIn(workflowId), 0);
    await until('the run to be read', () => app.log.readsOf(workflowStream(workflowId)).length > 0);
    const stopped = executor.stop();
    goOn();
    await stopped;
    expect((await verdict).kind).toBe('retry');
    expect(await store().typesOf(workflowId)).not.toContain('StepStarted');
  });

  it('begins only where somebody listens for the loss of the lease', async () => {
    const feed = new FeedByHand();
    let listeners = 0;
    let listenersAtJoin: number | undefined;
    feed.onJoin = () => (listenersAtJoin ??= listeners);
    const app = await application({ feed, leases: { ...soleLeases, onLost: () => (listeners++, () => undefined) } });
    await app.startExecutor();
    expect(listenersAtJoin).toBe(1);
  });
});

describe('more ready steps than a node can hold', () => {
  it('keep no other run from going on: those beyond wait in the log', async () => {
    const gate = new Gate();
    const app = await application({ tools: toolsOf(testTool('echo', gate.act)), concurrency: 1 });
    await app.startSagas();
    await app.startExecutor();
    const many = Array.from({ length: 5_000 }, (_, n) => step(`s${n}`));
    const wide = [await submitPlan(app, ...many), await submitPlan(app, ...many)];
    await until('some to wait in the log', async () => {
      const states = await Promise.all(wide.map(async ({ workflowId }) => (await app.decisions.read(workflowId)).state));
      return states.some(({ steps }) => [...steps].some(({ toolLack }) => toolLack === 'limited'));
    });
    const { workflowId } = await submit(app, { plan: { steps: [step('risky', { riskLevel: 'L3' })] } });
    await reaches(workflowId, 'ApprovalRequested');
    expect(gate.atOnce).toBe(1);
  });
});
