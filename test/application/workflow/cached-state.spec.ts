import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { gate } from '../../contract/event-store/support/consumer-recorder.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { newId } from '../support/new-id.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

/** A run of very many steps, of which hardly anything is stored. */
async function largeRun(stepCount: number): Promise<number> {
  const workflowId = newId();
  const at = '2026-01-05T08:00:00.000Z';
  const steps = Array.from({ length: stepCount }, (_, index) => ({ stepId: index + 1, key: `${index}`, dependsOn: [] }));
  const submitted = { workflowId, at, userId: 7, intent: 'x', approvalFrom: 'L3', planGiven: true };
  const events = [
    sampleEvent(submitted, 'WorkflowSubmitted'),
    sampleEvent({ workflowId, at, planner: 'given', offset: 0, steps, stepCount }, 'WorkflowPlanned'),
  ];
  await store().log.append(workflowStream(workflowId), events, 'no-stream');
  return workflowId;
}

describe('the cached state of a run', () => {
  it('saves reading the log for every decision that writes', async () => {
    const one = writer();
    const run = await one.readyRun(3);
    for (const stepId of [1, 2, 3]) await run.start(stepId);
    expect(one.log.readsOf(workflowStream(run.workflowId))).toEqual([0]);
  });

  it('is not answered from before the log was asked: a repeat, and a refusal, know what other processes wrote', async () => {
    const [one, two] = [writer(), writer()];
    const run = await one.readyRun(2);
    const other = two.run(run.workflowId);
    await other.start(1, 1, 'worker-2');
    const repeated = await run.start(1, 1, 'worker-2');
    expect(repeated.events).toEqual([]);
    await other.succeed(1, {}, 1, 'worker-2');
    await other.start(2, 1, 'worker-2');
    // To the cache, step 2 is not running.
    expect(await outcomesOf([run.succeed(2, {}, 1, 'worker-2')])).toEqual([['StepSucceeded', 'WorkflowCompleted']]);
  });

  it('is topped up from its revision, not read anew', async () => {
    const one = writer();
    const run = await one.readyRun(2);
    await writer().run(run.workflowId).start(1);
    const { revision, state } = await one.decisions.read(run.workflowId);
    expect(revision).toBe(4);
    expect(stepOf(state, 1)!.state).toBe('RUNNING');
    expect(one.log.readsOf(workflowStream(run.workflowId))).toEqual([0, 4]);
  });

  it('of the run used least gives way to that of others', async () => {
    const one = writer();
    const workflowIds: number[] = [];
    for (let n = 0; n < 10; n++) workflowIds.push(await largeRun(20_000));
    for (const workflowId of workflowIds) await one.decisions.read(workflowId);
    await one.decisions.read(workflowIds[1]!);
    await one.decisions.read(workflowIds[0]!);
    expect(one.log.readsOf(workflowStream(workflowIds[1]!))).toEqual([0, 2]);
    expect(one.log.readsOf(workflowStream(workflowIds[0]!))).toEqual([0, 0]);
  });

  it('is not displaced by a slow read that knows less', async () => {
    const one = writer();
    const run = await one.readyRun(2);
    const stream = workflowStream(run.workflowId);
    const slow = gate();
    one.log.beforeReadEnds = () => slow.opened;
    const reading = one.decisions.read(run.workflowId);
    await run.start(1);
    slow.open();
    await reading;
    const before = one.log.appendsTo(stream).length;
    await run.start(2);
    expect(one.log.appendsTo(stream).length - before).toBe(1);
  });
});
