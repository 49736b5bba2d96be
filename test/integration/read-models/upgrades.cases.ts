import { randomUUID } from 'node:crypto';
import { unique, until } from '@lifeos/test-support';
import type { NewEvent } from '../../../src/application/ports/event-log.js';
import { deliveryStream } from '../../../src/application/notifications/delivery-codec.js';
import { scheduleStream } from '../../../src/application/schedules/schedule-codec.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { factOf, projectBatch, wholeBatch, type FactOf } from '../../../src/infrastructure/read-models/projection/project-batch.js';
import { PROJECTED_STREAMS } from '../../../src/infrastructure/read-models/projection/projection.js';
import { PROJECTIONS } from '../../../src/infrastructure/read-models/projection/projections.js';
import { ReadModelsHealth } from '../../../src/infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from '../../../src/infrastructure/read-models/projection/rebuild.js';
import { TestStore } from '../../application/support/test-store.js';
import { METADATA, sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { Projector, rebuilt, store } from './support/projector.js';
import { plannedStep, Run } from './support/run.js';
import { goldenEvents } from '../../golden/golden-events.js';
import { checkpointsOf, tablesOf } from './support/tables.js';

const runOf = (workflowId: number): Run => new Run(workflowId).submit().plan(plannedStep(1)).succeed(1);

const NEWER = 'StepPostponed';

/** As the next version of the engine would read: the event is nobody's fact there. */
const nextVersion: FactOf = (recorded) => (recorded.type === NEWER ? undefined : factOf(recorded));

/** Read models that come to an event of a newer version of the engine. */
export function describeUpgrades(database: () => Database): void {
  let events: TestStore;
  let projector: Projector;
  beforeEach(async () => {
    events = await TestStore.start();
    projector = new Projector(database(), events);
  });
  afterEach(async () => {
    await projector.stop();
    await events.dispose();
  });

  const append = (streamId: string, event: NewEvent): Promise<{ readonly position: bigint }> =>
    events.log.append(streamId, [event], 'no-stream');
  const standStill = (): Promise<void> =>
    until('all read models to stand still', () => projector.positions.stuck.length === PROJECTIONS.length);

  it('invariant 36: stand still before an event of a type that came later, say so once, and go on when they know it', async () => {
    await store(events, runOf(1));
    const before = await events.log.headPosition();
    const readiness = new ReadModelsHealth(database(), events.log, projector.positions);
    readiness.expect(before);
    await append(workflowStream(2), sampleEvent({ workflowId: 2 }, NEWER));
    await store(events, runOf(3));
    let isKnown = false;
    let tries = 0;
    projector.start((recorded) => {
      if (recorded.type === NEWER) tries += 1;
      return isKnown ? nextVersion(recorded) : factOf(recorded);
    });
    await until('some tries', () => tries >= 2);
    await standStill();
    // What comes before it, in the same batch, is there; nothing that comes after it.
    expect(new Set(Object.values(await checkpointsOf(database())))).toEqual(new Set([String(before)]));
    expect((await tablesOf(database()))['workflows']).toMatchObject([{ state: 'SUCCEEDED' }]);
    const problem = `stands still at position ${before}: Event 0 of workflow-2 (StepPostponed, schema version 1) was written by a newer version of the engine: update this one.`;
    await expect(readiness.check()).rejects.toThrow(`workflows ${problem}`);
    expect(projector.logger.said('error', 'StepPostponed')).toHaveLength(1);
    expect(await projector.positions.position()).toBe(before);
    isKnown = true;
    await projector.caughtUp();
    await readiness.check();
    expect((await tablesOf(database()))['workflows']).toHaveLength(2);
  });

  it('an engine that is updated goes on where the old one stood still', async () => {
    await store(events, runOf(1));
    await append(workflowStream(2), sampleEvent({ workflowId: 2 }, NEWER));
    await store(events, runOf(3));
    projector.start();
    await standStill();
    await projector.stop();
    await database().source.query(`UPDATE workflows SET intent = 'as it was left' WHERE workflow_id = 1`);
    projector = new Projector(database(), events);
    projector.start(nextVersion);
    await projector.caughtUp();
    expect((await tablesOf(database()))['workflows']).toMatchObject([{ intent: 'as it was left' }, { intent: 'find a job' }]);
  });

  const newerShape = (type: string, data: object = {}, schemaVersion = 2): NewEvent => ({
    ...sampleEvent({ ...data, at: '2026-01-05T08:00:00.000Z' }, type),
    metadata: { ...METADATA, schemaVersion },
  });

  it.each([
    ['a type of a run in a newer shape', workflowStream(9), newerShape('WorkflowCancelled', { workflowId: 9, reason: 'x' })],
    ['a type whose latest shape is the second, in a third', workflowStream(9), newerShape('WorkflowSubmitted', { workflowId: 9 }, 3)],
    ['a shape that is no number', workflowStream(9), newerShape('StartTimeReached', { workflowId: 9 }, 'new' as unknown as number)],
    ['a type of schedules that came later', scheduleStream(9), sampleEvent({ scheduleId: 9 }, 'ScheduleMoved')],
    ['a type of schedules in a newer shape', scheduleStream(9), newerShape('SchedulePaused', { scheduleId: 9 })],
    ['a type of deliveries that came later', deliveryStream(`msg_${'0'.repeat(32)}`), sampleEvent({}, 'DeliveryRead')],
    ['a type of deliveries in a newer shape', deliveryStream(`msg_${'0'.repeat(32)}`), newerShape('DeliveryPlanned')],
  ])('invariant 36: %s stops them', async (_, streamId, event) => {
    await store(events, runOf(1));
    const before = await events.log.headPosition();
    await append(streamId, event);
    projector.start();
    await standStill();
    expect(projector.positions.stuck[0]).toMatchObject({ position: before, reason: expect.stringContaining(event.type) as string });
    expect(new Set(Object.values(await checkpointsOf(database())))).toEqual(new Set([String(before)]));
  });

  it("pass over what is not the engine's own: it has no schema version, or a stream of its own", async () => {
    const note: NewEvent = { id: randomUUID(), type: 'NoteTaken', data: { text: 'an operator was here' }, metadata: {} as typeof METADATA };
    await append(workflowStream(2), note);
    await append(unique('workflow-of-others-'), sampleEvent({}, 'NoteTaken'));
    await store(events, runOf(1));
    projector.start();
    await projector.caughtUp();
    expect(await tablesOf(database())).toEqual(await rebuilt(database(), events));
  });

  it('a rebuild refuses to pass over it, and leaves the rows as they were', async () => {
    await store(events, runOf(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    const before = await tablesOf(database());
    await append(workflowStream(2), sampleEvent({ workflowId: 2 }, NEWER));
    await expect(rebuildReadModels(database(), events.feed, events.log, [], () => undefined)).rejects.toThrow('newer version');
    expect(await tablesOf(database())).toEqual(before);
  });

  it('every event that there ever was is written by every projection: golden files', async () => {
    const golden = goldenEvents();
    const [submitted, planned] = ['WorkflowSubmitted.v1.first.json', 'WorkflowPlanned.v1.first.json'].map(
      (name) => golden.find((event) => event.name === name)!.recorded,
    );
    let position = 0n;
    let count = 0;
    for (const { name, recorded } of golden.filter(({ recorded: { streamId } }) =>
      PROJECTED_STREAMS.some((prefix) => streamId.startsWith(prefix)),
    )) {
      // Each in a run of its own.
      const workflowId = (count += 1);
      const events = (recorded.streamId === submitted!.streamId ? [submitted!, planned!, recorded] : [recorded]).map((event, revision) => {
        const isOfRun = event.streamId === submitted!.streamId;
        return {
          ...event,
          ...(isOfRun && { streamId: workflowStream(workflowId), data: { ...event.data, workflowId } }),
          revision,
          position: (position += 1n),
        };
      });
      await projectBatch(database().source, PROJECTIONS, wholeBatch(events)).catch((fault: unknown) => {
        throw new Error(`${name} cannot be written: ${String(fault)}`);
      });
    }
    expect(count).toBeGreaterThan(80);
    expect((await tablesOf(database()))['tool_waits']).toContainEqual(expect.objectContaining({ because: 'absent' }));
  });
}
