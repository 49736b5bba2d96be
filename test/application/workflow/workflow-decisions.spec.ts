import { randomUUID } from 'node:crypto';
import { bySystem } from '../../../src/application/workflow/cause.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { newId } from '../support/new-id.js';
import { independentSteps, WORKER } from '../support/runs.js';
import { sharedStore } from '../support/test-store.js';
import { outcomesOf, Writer } from '../support/writers.js';

const store = sharedStore();
const writer = () => new Writer(store().log);

describe('a decision', () => {
  it('is appended at exactly the revision that it was decided over', async () => {
    const one = writer();
    const run = await one.readyRun(2);
    await run.start(1);
    await run.succeed(1);
    const appends = one.log.appendsTo(workflowStream(run.workflowId));
    expect(appends.map(({ types, expected }) => [types[0], types.length, expected])).toEqual([
      ['WorkflowSubmitted', 2, 'no-stream'],
      ['StepReady', 2, 1],
      ['StepStarted', 1, 3],
      ['StepSucceeded', 1, 4],
    ]);
    expect((await store().eventsOf(run.workflowId)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('answers with its events, the state after it, and the position at which it is stored', async () => {
    const run = await writer().readyRun(1);
    const { events, state, position } = await run.start(1);
    expect(events).toMatchObject([{ type: 'StepStarted', data: { stepId: 1, attempt: 1, worker: WORKER } }]);
    expect(stepOf(state, 1)!.state).toBe('RUNNING');
    expect(position).toBe((await store().eventsOf(run.workflowId)).at(-1)!.position);
  });

  it('gives its events one command id, what caused them, and who', async () => {
    const one = writer();
    const workflowId = newId();
    const actor = { kind: 'user', id: '7', authenticated: false } as const;
    const submit = {
      type: 'SubmitIntent',
      data: { userId: 7, intent: 'x', approvalFrom: 'L3', timeZone: 'UTC', keyPrefix: 'run', steps: independentSteps(1) },
    } as const;
    await one.decisions.execute(workflowId, submit, { actor });
    const eventId = randomUUID();
    await one.decisions.execute(
      workflowId,
      { type: 'ScheduleReadySteps', data: { approvalIds: new Map() } },
      bySystem('scheduler', eventId),
    );
    const events = await store().eventsOf(workflowId);
    const [submitted, planned, ready] = events.map(({ metadata }) => metadata);
    expect(submitted).toMatchObject({ $correlationId: `workflow-${workflowId}`, actor, schemaVersion: 1 });
    expect(submitted).not.toHaveProperty('$causationId');
    expect(planned!.commandId).toBe(submitted!.commandId);
    expect(ready).toMatchObject({ $causationId: eventId, actor: { kind: 'system', id: 'scheduler', authenticated: true } });
    expect(ready!.commandId).not.toBe(submitted!.commandId);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('that repeats another one writes nothing', async () => {
    const run = await writer().readyRun(1);
    await run.start(1);
    const again = await run.start(1);
    expect(again.events).toEqual([]);
    expect(again.position).toBe((await store().eventsOf(run.workflowId)).at(-1)!.position);
    expect((await store().typesOf(run.workflowId)).filter((type) => type === 'StepStarted')).toHaveLength(1);
  });

  it('about a run that never was is refused, and leaves no stream', async () => {
    const workflowId = newId();
    await expect(writer().run(workflowId).cancel()).rejects.toMatchObject({ code: 'workflow.not-found' });
    expect(await store().eventsOf(workflowId)).toEqual([]);
  });

  it('about a run that another process has just submitted is not refused', async () => {
    const one = writer();
    const workflowId = newId();
    await expect(one.run(workflowId).cancel()).rejects.toMatchObject({ code: 'workflow.not-found' });
    await writer().run(workflowId).submit();
    expect(await outcomesOf([one.run(workflowId).cancel()])).toEqual([['WorkflowCancelled']]);
  });
});
