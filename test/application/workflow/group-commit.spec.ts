import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { gate } from '../../contract/event-store/support/consumer-recorder.js';
import { newId } from '../support/new-id.js';
import { independentSteps } from '../support/runs.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

describe('commands that come together', () => {
  it('are decided in the order they came, each over what the one before led to', async () => {
    const one = writer();
    const run = one.run(newId());
    const outcomes = await outcomesOf([
      run.start(1),
      run.submit(independentSteps(1)),
      run.schedule(),
      run.start(1),
      run.start(1, 1, 'worker-2'),
      run.succeed(1),
      run.cancel(),
    ]);
    expect(outcomes).toEqual([
      'workflow.not-found',
      ['WorkflowSubmitted', 'WorkflowPlanned'],
      ['StepReady'],
      ['StepStarted'],
      [],
      ['StepSucceeded', 'WorkflowCompleted'],
      'workflow.finished',
    ]);
  });

  it('are stored with one append', async () => {
    const one = writer();
    const run = await one.readyRun(150);
    const stream = workflowStream(run.workflowId);
    const before = one.log.appendsTo(stream).length;
    const steps = Array.from({ length: 150 }, (_, index) => index + 1);
    const outcomes = await outcomesOf(steps.map((stepId) => run.start(stepId)));
    expect(outcomes).toEqual(steps.map(() => ['StepStarted']));
    expect(one.log.appendsTo(stream).length - before).toBe(1);
    const started = (await store().eventsOf(run.workflowId)).filter(({ type }) => type === 'StepStarted');
    expect(started.map(({ data }) => data['stepId'])).toEqual(steps);
    expect(new Set(started.map(({ metadata }) => metadata.commandId)).size).toBe(150);
  });

  it('do not wait for those of other runs', async () => {
    const one = writer();
    const [slow, quick] = [await one.readyRun(1), await one.readyRun(1)];
    const held = gate();
    one.log.beforeAppend = ({ streamId }) => (streamId === workflowStream(slow.workflowId) ? held.opened : undefined);
    const waiting = slow.start(1);
    await quick.start(1);
    held.open();
    await waiting;
  });

  it('do not suffer from a refused one among them', async () => {
    const one = writer();
    const run = await one.readyRun(3);
    const outcomes = await outcomesOf([run.start(1), run.start(99), run.succeed(3), run.start(2), run.start(1, 2), run.succeed(1)]);
    expect(outcomes).toEqual([
      ['StepStarted'],
      'step.not-found',
      'step.attempt-not-running',
      ['StepStarted'],
      'step.not-ready',
      ['StepSucceeded'],
    ]);
    expect((await store().typesOf(run.workflowId)).slice(5)).toEqual(['StepStarted', 'StepStarted', 'StepSucceeded']);
  });
});

describe('a group of decisions that takes several appends', () => {
  const LARGE = { text: 'x'.repeat(250_000) };

  /** A start and five large outputs, which take two appends. `interrupt` comes between the two. */
  async function groupInterruptedBy(interrupt: (workflowId: number) => Promise<unknown>) {
    const one = writer();
    const run = await one.readyRun(6);
    for (const stepId of [1, 2, 3, 4, 5]) await run.start(stepId);
    const stream = workflowStream(run.workflowId);
    const before = one.log.appendsTo(stream).length;
    one.log.beforeAppend = async () => {
      if (one.log.appendsTo(stream).length === before + 2) await interrupt(run.workflowId);
    };
    const results = await Promise.allSettled([run.start(6), ...[1, 2, 3, 4, 5].map((stepId) => run.succeed(stepId, LARGE))]);
    const outcomes = results.map((result) =>
      result.status === 'fulfilled' ? result.value.events.map(({ type }) => type) : String(result.reason),
    );
    return { outcomes, types: await store().typesOf(run.workflowId) };
  }

  const STORED_FIRST = [['StepStarted'], ['StepSucceeded'], ['StepSucceeded'], ['StepSucceeded']];

  it('keeps what was stored before another process wrote, and decides only the rest anew', async () => {
    const { outcomes, types } = await groupInterruptedBy((workflowId) => writer().run(workflowId).cancel());
    // What runs is waited for: the rest is decided over a run that is being cancelled.
    expect(outcomes).toEqual([...STORED_FIRST, ['StepSucceeded'], ['StepSucceeded']]);
    expect(types.slice(-7)).toEqual([...STORED_FIRST.flat(), 'WorkflowStopping', 'StepSucceeded', 'StepSucceeded']);
  });

  it('keeps what was stored before another process wrote, and refuses of the rest what cannot be any more', async () => {
    const { outcomes, types } = await groupInterruptedBy(async (workflowId) => {
      const run = writer().run(workflowId);
      // The outcomes of the attempts that the group still has to store come from elsewhere, as failures.
      for (const stepId of [4, 5]) await run.fail(stepId);
    });
    const refused = expect.stringContaining('FAILED') as unknown;
    expect(outcomes).toEqual([...STORED_FIRST, refused, refused]);
    expect(types.slice(-8)).toEqual([...STORED_FIRST.flat(), ...['StepFailed', 'StepRetryScheduled', 'StepFailed', 'StepRetryScheduled']]);
  });

  it('keeps what was stored before the event store went away', async () => {
    const { outcomes, types } = await groupInterruptedBy(() => Promise.reject(new EventLogUnavailable('gone')));
    const unknown = 'EventLogUnavailable: gone';
    expect(outcomes).toEqual([...STORED_FIRST, unknown, unknown]);
    expect(types.slice(-4)).toEqual(STORED_FIRST.flat());
  });
});
