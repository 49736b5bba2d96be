import { until } from '@lifeos/test-support';
import { CHANNELS_STREAM } from '../../src/application/notifications/channel-codec.js';
import { ChannelRegistry } from '../../src/application/notifications/channel-registry.js';
import { ALERTS_STREAM } from '../../src/application/alerts/alert-codec.js';
import { AlertWatch } from '../../src/application/alerts/alert-watch.js';
import { Sequences } from '../../src/application/ids/sequences.js';
import { LiftPause } from '../../src/application/pauses/lift-pause.command.js';
import { SetPause } from '../../src/application/pauses/set-pause.command.js';
import type { NewEvent, RecordedEvent } from '../../src/application/ports/event-log.js';
import { GetWorkflowEvents } from '../../src/application/queries/get-workflow-events.js';
import { GetWorkflowState } from '../../src/application/queries/get-workflow-state.js';
import { scheduleStream } from '../../src/application/schedules/schedule-codec.js';
import { ScheduleDecisions } from '../../src/application/schedules/schedule-decisions.js';
import { EventFeedLiveTimeline } from '../../src/application/timeline/event-feed-live-timeline.js';
import { ApprovalAddresses } from '../../src/application/workflow/approval-addresses.js';
import { CancelWorkflow } from '../../src/application/workflow/cancel-workflow.command.js';
import { SubmissionClaims } from '../../src/application/workflow/submission-claims.js';
import { workflowStream } from '../../src/application/workflow/workflow-codec.js';
import { METADATA, sampleEvent } from '../contract/event-store/support/sample-events.js';
import { ACTOR, step, submitPlan } from './support/submissions.js';
import { applicationsOver, type TestApplication } from './support/test-application.js';
import { TestStore } from './support/test-store.js';
import { testTool, toolsOf } from './support/test-tools.js';

let current: TestStore;
const store = (): TestStore => current;
beforeEach(async () => {
  current = await TestStore.start();
});
afterEach(() => current.dispose());
const application = applicationsOver(store);

const NEWER = 'StepPostponed';

/** Another node, of the next version of the engine, writes to a run. */
async function writeNewer(workflowId: number, event: NewEvent = sampleEvent({ workflowId }, NEWER)): Promise<void> {
  const events = await store().eventsOf(workflowId);
  await store().log.append(workflowStream(workflowId), [event], events.length - 1);
}

const inNewerShape = (type: string, data: NewEvent['data'] = {}): NewEvent => ({
  ...sampleEvent(data, type),
  metadata: { ...METADATA, schemaVersion: 7 },
});

const problemsOf = (app: TestApplication): Promise<string> =>
  app.loops.check().then(
    () => '',
    (error: unknown) => (error as Error).message,
  );
const isNamed = (app: TestApplication, what: string): Promise<void> =>
  until(`${what} to be named`, async () => (await problemsOf(app)).includes(what));

const has = async (workflowId: number, type: string): Promise<boolean> => (await store().typesOf(workflowId)).includes(type);
const reaches = (workflowId: number, type: string): Promise<void> => until(`${type} in ${workflowId}`, () => has(workflowId, type));

/** What the store has put aside of a group. */
async function putAside(group: string): Promise<number> {
  const stream = `$persistentsubscription-$all::${group}-parked`;
  const links: RecordedEvent[] = [];
  for await (const link of store().log.readStream(stream)) links.push(link);
  return links.length;
}

const submitted = (app: TestApplication, count: number): Promise<readonly { readonly workflowId: number }[]> =>
  Promise.all(Array.from({ length: count }, () => submitPlan(app, step('a'))));

describe('invariant 36: a run with an event of a newer version of the engine', () => {
  it('is named, tried again with growing pauses, then put aside in the store, and delivered to who comes next', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    await writeNewer(workflowId);
    await app.startSagas();
    await app.startExecutor();
    await until('it to be put aside', async () => (await putAside('runs')) === 1);
    expect(await problemsOf(app)).toBe(
      `reading workflow-${workflowId}: Event 2 of workflow-${workflowId} (StepPostponed, schema version 1) was written by a newer version of the engine: update this one.`,
    );
    // Said once, over all tries; and the run is as it was.
    expect(app.logger.lines.filter((line) => line.includes(NEWER))).toHaveLength(1);
    expect(await store().eventsOf(workflowId)).toHaveLength(3);
    await app.close();
    const next = await application();
    await next.startSagas();
    await isNamed(next, `reading workflow-${workflowId}`);
    await until('it to be put aside again', async () => (await putAside('runs')) >= 1);
  });

  it('keeps nobody else waiting, however many such runs there are', async () => {
    const app = await application();
    for (const { workflowId } of await submitted(app, 150)) await writeNewer(workflowId);
    const others = await submitted(app, 20);
    await app.startSagas();
    await app.startExecutor();
    for (const { workflowId } of others) await reaches(workflowId, 'WorkflowCompleted');
    expect(await problemsOf(app)).toMatch(/and \d+ more$/);
  });

  it('starts no attempt: a step that was made ready before is put aside by the executor, and others run', async () => {
    const [planning, app] = [await application(), await application({ worker: 'worker-2' })];
    const sagas = await planning.startSagas();
    const { workflowId } = await submitPlan(planning, step('a'));
    const other = await submitPlan(planning, step('a'));
    await reaches(workflowId, 'StepReady');
    await sagas.stop();
    await writeNewer(workflowId);
    await app.startExecutor();
    await reaches(other.workflowId, 'StepSucceeded');
    await until('it to be put aside', async () => (await putAside('runs')) === 1);
    expect(await has(workflowId, 'StepStarted')).toBe(false);
  });

  it('a known event in a newer shape is delivered to who reacts to its type, and is not taken for what it was', async () => {
    const app = await application();
    await store().log.append(workflowStream(77), [inNewerShape('WorkflowSubmitted', { workflowId: 77 })], 'no-stream');
    await app.startSagas();
    await isNamed(app, 'Event 0 of workflow-77 (WorkflowSubmitted, schema version 7)');
    expect(await store().eventsOf(77)).toHaveLength(1);
  });

  it('is named by who listens to cancellations, who goes on hearing of others', async () => {
    let aborted = false;
    const tools = toolsOf(
      testTool('echo', (_, { signal }) => {
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          }),
        );
      }),
    );
    const app = await application({ tools, graceMs: 1 });
    await app.startSagas();
    await app.startExecutor();
    const { workflowId } = await submitPlan(app, step('a'));
    await reaches(workflowId, 'StepStarted');
    await store().log.append(workflowStream(999), [inNewerShape('WorkflowStopping', { workflowId: 999 })], 'no-stream');
    await isNamed(app, 'Event 0 of workflow-999');
    await app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    await until('the abort', () => aborted);
  });

  it('is not answered for, but its events are shown as they are stored', async () => {
    const app = await application();
    const { workflowId } = await submitPlan(app, step('a'));
    await writeNewer(workflowId);
    await expect(app.ask(new GetWorkflowState({ workflowId }))).rejects.toThrow('newer version');
    await expect(app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }))).rejects.toThrow('newer version');
    const events = await app.ask(new GetWorkflowEvents({ workflowId, from: 0, limit: 10 }));
    expect(events.map(({ type }) => type)).toEqual(['WorkflowSubmitted', 'WorkflowPlanned', NEWER]);
  });

  it('breaks its live timeline, and that of all runs, off before it, and is named', async () => {
    const app = await application();
    const live = new EventFeedLiveTimeline(store().log, store().feed, { position: () => Promise.resolve(2n ** 62n), waitFor: () => Promise.resolve(true), onCommit: () => () => undefined }, app.logger, app.loops); // prettier-ignore
    await live.start();
    try {
      const { signal } = new AbortController();
      const before = await store().log.headPosition();
      const { workflowId } = await submitPlan(app, step('a'));
      await writeNewer(workflowId);
      const told: number[] = [];
      const follow = async (): Promise<void> => {
        for await (const { id } of live.follow(workflowId, { signal })) told.push(id);
      };
      await expect(follow()).rejects.toThrow('newer version');
      expect(told).toEqual([0, 1]);
      const followAll = async (): Promise<void> => {
        for await (const item of live.followAll({ signal, after: before })) if (item.kind === 'entry') told.push(item.entry.id);
      };
      await expect(followAll()).rejects.toThrow('newer version');
      expect(told).not.toContain(2);
      await isNamed(app, `reading workflow-${workflowId}`);
    } finally {
      await live.stop();
    }
  });
});

describe('invariant 36: an event of a newer version of the engine', () => {
  it('about pauses holds everything, at the start and later, and nothing is decided over it', async () => {
    const [one, other] = [await application(), await application({ worker: 'worker-2' })];
    await one.startPauses();
    expect(one.pauses.holds('echo')).toBe(false);
    await store().log.append('pauses', [sampleEvent({ user: 3 }, 'UserPaused')], 'no-stream');
    await until('the first to hold', () => one.pauses.holds('echo'));
    await other.startPauses();
    expect(other.pauses.holds('echo')).toBe(true);
    for (const app of [one, other]) {
      expect(await problemsOf(app)).toContain('reading pauses: Event 0 of pauses (UserPaused, schema version 1)');
      expect(await app.pauses.check()).toMatch(/^nothing starts/);
      await expect(app.execute(new SetPause({ tool: null, actor: ACTOR }))).rejects.toThrow('newer version');
      await expect(app.execute(new LiftPause({ pauseId: 1, actor: ACTOR }))).rejects.toThrow('newer version');
      expect(app.logger.lines.filter((line) => line.includes('UserPaused'))).toHaveLength(1);
    }
  });

  it.each([
    ['channels', CHANNELS_STREAM, (app: TestApplication) => app.get(ChannelRegistry).read()],
    ['alerts', ALERTS_STREAM, (app: TestApplication) => app.get(AlertWatch).list()],
    ['a schedule', scheduleStream(1), (app: TestApplication) => app.get(ScheduleDecisions).read(1)],
    ['a sequence of ids', 'sequence-approval', (app: TestApplication) => app.get(Sequences).next('approval')],
    ['the address of an approval', 'approval-5', (app: TestApplication) => app.get(ApprovalAddresses).find(5)],
    ['a claim', 'compensation-5', (app: TestApplication) => app.get(SubmissionClaims).isCompensated(5)],
  ])('about %s is not passed over, now or the next time', async (_, stream, read) => {
    const app = await application();
    await store().log.append(stream, [sampleEvent({}, 'CameLater')], 'no-stream');
    for (let time = 0; time < 2; time++) await expect(read(app)).rejects.toThrow(`Event 0 of ${stream} (CameLater, schema version 1)`);
  });
});
