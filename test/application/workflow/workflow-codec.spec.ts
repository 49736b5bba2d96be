import { randomUUID } from 'node:crypto';
import { newEventOf, workflowEventOf, workflowIdOf, workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { evolveAll } from '../../../src/domain/workflow/evolve.js';
import { initialWorkflow } from '../../../src/domain/workflow/workflow.state.js';
import { METADATA, sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { newId } from '../support/new-id.js';
import { plannedStep } from '../support/runs.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

describe('the stream of a run', () => {
  it('is named for its id', () => {
    expect(workflowStream(17)).toBe('workflow-17');
    expect(workflowIdOf('workflow-17')).toBe(17);
  });

  it.each([
    'workflow-',
    'workflow-0',
    'workflow-01',
    'workflow--1',
    'workflow-1.5',
    'workflow-1x',
    'xworkflow-1',
    'sequence-workflow',
    'workflow-12345678901234567',
  ])('is not %s', (streamId) => {
    expect(workflowIdOf(streamId)).toBeUndefined();
  });
});

describe('events', () => {
  it('come back from the store as they were decided, and fold to the same run', async () => {
    const one = writer();
    const run = one.run(newId());
    const decided = [
      await run.submit([
        plannedStep(1, { args: { text: 'ünï ✓ \u0000 "quoted"', deep: [{ a: [null, true, 1.5e-7] }] } }),
        plannedStep(2, { riskLevel: 'L3' }),
        plannedStep(3, { dependsOn: ['s1'] }),
      ]),
      await run.schedule(new Map([[2, 900]])),
      await run.start(1),
      await run.fail(1),
      await run.do('DecideApproval', { approvalId: 900, stepId: 2, verdict: 'approve', decidedBy: 10, reason: 'fine' }),
      await run.schedule(),
      await run.cancel(),
    ];
    const recorded = await store().eventsOf(run.workflowId);
    const facts = recorded.map((event) => workflowEventOf(event)!);
    expect(facts).toEqual(decided.flatMap(({ events }) => events.map(({ type, data }) => ({ type, data }))));
    expect(evolveAll(initialWorkflow(run.workflowId), facts)).toEqual(decided.at(-1)!.state);
    expect((await writer().decisions.read(run.workflowId)).state).toEqual(decided.at(-1)!.state);
  });

  it('of other streams are no facts about runs', () => {
    const event = { ...sampleEvent({}, 'WorkflowCancelled'), streamId: 'elsewhere-1', revision: 0, position: 1n };
    expect(workflowEventOf(event)).toBeUndefined();
    expect(workflowEventOf({ ...event, streamId: 'workflow-1' })).toBeDefined();
  });
});

describe('what this version of the engine does not know', () => {
  const submitted = async () => {
    const run = writer().run(newId());
    await run.submit([plannedStep(1)]);
    return run;
  };

  it("is passed over where it is not the engine's own", async () => {
    const run = await submitted();
    const note = { id: randomUUID(), type: 'NoteTaken', data: { text: 'an operator was here' }, metadata: {} as typeof METADATA };
    await store().log.append(workflowStream(run.workflowId), [note], 1);
    expect(await outcomesOf([writer().run(run.workflowId).schedule()])).toEqual([['StepReady']]);
  });

  it('stops decisions about the run, with a sentence that says what to do: an event of a type that came later', async () => {
    const run = await submitted();
    await store().log.append(workflowStream(run.workflowId), [sampleEvent({ workflowId: run.workflowId }, 'StepPostponed')], 1);
    await expect(writer().run(run.workflowId).schedule()).rejects.toThrow(
      `Event 2 of workflow-${run.workflowId} (StepPostponed, schema version 1) was written by a newer version of the engine: update this one.`,
    );
  });

  it('stops decisions about the run: an event of a shape that came later', async () => {
    const run = await submitted();
    const metadata = { ...METADATA, schemaVersion: 3 };
    const event = { type: 'WorkflowCancelled', data: { workflowId: run.workflowId, at: 'x', reason: 'x' } } as const;
    await store().log.append(workflowStream(run.workflowId), [newEventOf(event, randomUUID(), metadata)], 1);
    await expect(run.schedule()).rejects.toThrow('(WorkflowCancelled, schema version 3) was written by a newer version');
    await expect(writer().decisions.read(run.workflowId)).rejects.toThrow('newer version');
    expect(await store().eventsOf(run.workflowId)).toHaveLength(3);
  });
});
