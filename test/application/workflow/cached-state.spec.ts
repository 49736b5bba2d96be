import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { gate } from '../../contract/event-store/support/consumer-recorder.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { newId } from '../support/new-id.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

/** A run whose events come to 7 MB. */
async function largeRun(): Promise<number> {
  const workflowId = newId();
  const at = '2026-01-05T08:00:00.000Z';
  const stream = workflowStream(workflowId);
  await store().log.append(stream, [sampleEvent({ workflowId, at, userId: 7, intent: 'x', approvalFrom: 'L3', planGiven: false }, 'WorkflowSubmitted')], 'no-stream'); // prettier-ignore
  for (let part = 0; part < 7; part++) {
    const steps = [{ stepId: part + 1, key: `${part}`, dependsOn: [], args: { text: 'x'.repeat(1_000_000) } }];
    await store().log.append(stream, [sampleEvent({ workflowId, at, offset: part, steps }, 'PlanPartRecorded')], part);
  }
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
    for (let n = 0; n < 10; n++) workflowIds.push(await largeRun());
    for (const workflowId of workflowIds) await one.decisions.read(workflowId);
    await one.decisions.read(workflowIds[1]!);
    await one.decisions.read(workflowIds[0]!);
    expect(one.log.readsOf(workflowStream(workflowIds[1]!))).toEqual([0, 8]);
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

  it('is forgotten soon once the run is over, while runs that go on stay', async () => {
    const one = writer();
    const going = await one.readyRun(1);
    const first = await one.readyRun(1);
    await first.start(1);
    await first.succeed(1, { text: 'x'.repeat(200_000) });
    expect(one.decisions.lastKnown(first.workflowId)?.state.state).toBe('SUCCEEDED');
    for (let n = 0; n < 30; n++) {
      const run = await one.readyRun(1);
      await run.start(1);
      await run.succeed(1, { text: 'x'.repeat(200_000) });
    }
    expect(one.decisions.lastKnown(first.workflowId)).toBeUndefined();
    expect(one.decisions.lastKnown(going.workflowId)).toBeDefined();
  });
});
