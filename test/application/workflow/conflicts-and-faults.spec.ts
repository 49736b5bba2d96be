import { until } from '@lifeos/test-support';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { WORKER } from '../support/runs.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { QUICK, SILENT } from '../../contract/event-store/support/quick-timings.js';
import { TcpProxy } from '../../contract/event-store/support/tcp-proxy.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

describe('a conflict with another process', () => {
  it('has the command decided again over what that one wrote', async () => {
    const [one, two] = [writer(), writer()];
    const run = await one.readyRun(2);
    await two.run(run.workflowId).start(1);
    expect(await outcomesOf([run.start(2)])).toEqual([['StepStarted']]);
    const appends = one.log.appendsTo(workflowStream(run.workflowId)).slice(-2);
    expect(appends.map(({ expected }) => expected)).toEqual([3, 4]);
    expect([one.conflicts, two.conflicts]).toEqual([1, 0]);
  });

  it('lets one of two win, and the other one know', async () => {
    const [one, two] = [writer(), writer()];
    const run = await one.readyRun(1);
    const other = two.run(run.workflowId);
    await two.decisions.read(run.workflowId);
    const [mine, theirs] = await Promise.all([run.start(1), other.start(1, 1, 'worker-2')]);
    expect(mine.events.length + theirs.events.length).toBe(1);
    const winner = mine.events.length === 1 ? WORKER : 'worker-2';
    expect([mine, theirs].map(({ state }) => stepOf(state, 1)!.worker)).toEqual([winner, winner]);
    expect((await store().typesOf(run.workflowId)).filter((type) => type === 'StepStarted')).toHaveLength(1);
  });

  it('again and again ends with everything stored once', async () => {
    const [one, two] = [writer(), writer()];
    const run = await one.readyRun(60);
    const other = two.run(run.workflowId);
    const steps = Array.from({ length: 60 }, (_, index) => index + 1);
    await Promise.all(
      steps.map(async (stepId) => {
        const by = stepId % 2 === 0 ? run : other;
        await by.start(stepId);
        await by.succeed(stepId);
      }),
    );
    const types = await store().typesOf(run.workflowId);
    expect(types.filter((type) => type === 'StepStarted')).toHaveLength(60);
    expect(types.filter((type) => type === 'StepSucceeded')).toHaveLength(60);
    expect(types.at(-1)).toBe('WorkflowCompleted');
  });
});

describe('a fault of the event store', () => {
  it('before an append is told to all who wait for it, and the next command works', async () => {
    const one = writer();
    const run = await one.readyRun(3);
    one.log.beforeAppend = () => Promise.reject(new EventLogUnavailable('gone'));
    expect(await outcomesOf([run.start(1), run.start(2)])).toEqual(['EventLogUnavailable', 'EventLogUnavailable']);
    one.log.beforeAppend = () => undefined;
    expect(await outcomesOf([run.start(1)])).toEqual([['StepStarted']]);
  });

  it('after an append leaves nothing in the cache that the log does not know, and nothing twice', async () => {
    const one = writer();
    const run = await one.readyRun(2);
    one.log.afterAppend = () => Promise.reject(new EventLogUnavailable('gone'));
    expect(await outcomesOf([run.start(1)])).toEqual(['EventLogUnavailable']);
    one.log.afterAppend = () => undefined;
    expect(await outcomesOf([run.start(1), run.start(2)])).toEqual([[], ['StepStarted']]);
    expect((await store().typesOf(run.workflowId)).slice(4)).toEqual(['StepStarted', 'StepStarted']);
  });

  it('while a run is read is told, and the next command works', async () => {
    const run = await writer().readyRun(1);
    const two = writer();
    two.log.beforeReadEnds = () => Promise.reject(new EventLogUnavailable('gone'));
    expect(await outcomesOf([two.run(run.workflowId).start(1)])).toEqual(['EventLogUnavailable']);
    two.log.beforeReadEnds = () => undefined;
    expect(await outcomesOf([two.run(run.workflowId).start(1)])).toEqual([['StepStarted']]);
  });
});

describe('an append whose answer is lost', () => {
  const toClose: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of toClose.splice(0)) await close();
  });

  /** A writer whose connection a test can break. */
  async function distantWriter() {
    const proxy = await TcpProxy.start(store().node.port);
    const connection = await connectEventStore(proxy.connectionString, { logger: SILENT, timings: { ...QUICK, tryMs: 400 } });
    toClose.push(
      () => connection.close(),
      () => proxy.close(),
    );
    return { proxy, writer: new Writer(connection.log) };
  }

  it('leaves its events once, and its command is answered with success', async () => {
    const { proxy, writer: distant } = await distantWriter();
    const run = await distant.readyRun(2);
    proxy.loseAnswers();
    const command = run.start(1);
    await until('the event', async () => (await store().typesOf(run.workflowId)).includes('StepStarted'));
    proxy.deliverAnswers();
    proxy.cut();
    expect((await command).events.map(({ type }) => type)).toEqual(['StepStarted']);
    await run.start(2);
    expect((await store().typesOf(run.workflowId)).slice(4)).toEqual(['StepStarted', 'StepStarted']);
  });

  it('neither doubles nor loses an event, however often the connection breaks', async () => {
    const { proxy, writer: distant } = await distantWriter();
    const STEPS = 40;
    const run = await distant.readyRun(STEPS);
    let done = 0;
    const work = Array.from({ length: STEPS }, async (_, index) => {
      const started = await run.start(index + 1);
      const succeeded = await run.succeed(index + 1);
      done += 1;
      return [...started.events, ...succeeded.events].length;
    });
    for (let n = 0; n < 3; n++) {
      const { accepted } = proxy;
      proxy.loseAnswers();
      await until('another try', () => done === STEPS || proxy.accepted > accepted);
      proxy.deliverAnswers();
      proxy.cut();
    }
    const counts = await Promise.all(work);
    const types = await store().typesOf(run.workflowId);
    expect(types).toHaveLength(2 + STEPS + counts.reduce((sum, count) => sum + count, 0));
    expect(types.filter((type) => type === 'StepStarted')).toHaveLength(STEPS);
    expect(types.filter((type) => type === 'StepSucceeded')).toHaveLength(STEPS);
    expect(types.at(-1)).toBe('WorkflowCompleted');
  });
});
