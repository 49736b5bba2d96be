import fc from 'fast-check';
import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { projectBatch, projectNext, wholeBatch } from '../../../src/infrastructure/read-models/projection/project-batch.js';
import type { Projection } from '../../../src/infrastructure/read-models/projection/projection.js';
import { PROJECTIONS } from '../../../src/infrastructure/read-models/projection/projections.js';
import { emptyAll } from './support/databases.js';
import { project } from './support/projecting.js';
import { randomRuns, seededPick } from './support/random-log.js';
import { logOf, plannedStep, Run } from './support/run.js';
import { checkpointsOf, tablesOf } from './support/tables.js';

const randomLog = fc.tuple(randomRuns(3), fc.nat()).map(([runs, seed]) => logOf(runs, seededPick(seed)));
const sizes = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 5 });

/** An event that no row can be made of. */
export const poison = (after: RecordedEvent): RecordedEvent => ({
  ...after,
  id: 'poison',
  type: 'StepDeadLettered',
  data: { ...after.data, stepId: 1, name: 'x', tool: 'x', attempts: 'no number', args: {}, error: {} },
  revision: after.revision + 1,
  position: after.position + 1n,
});

const allAt = (position: bigint | undefined) => Object.fromEntries(PROJECTIONS.map(({ name }) => [name, String(position)]));

/** What holds however a log is cut into batches, and wherever it breaks off. */
export function describeBatches(database: () => Database): void {
  it('invariant 28: the rows do not depend on where batches end', async () => {
    await fc.assert(
      fc.asyncProperty(randomLog, sizes, async (log, cuts) => {
        await emptyAll(database());
        await project(database(), log, [1]);
        const oneByOne = await tablesOf(database());
        await emptyAll(database());
        await project(database(), log, cuts);
        expect(await tablesOf(database())).toEqual(oneByOne);
        expect(await checkpointsOf(database())).toEqual(allAt(log.at(-1)?.position));
      }),
      { numRuns: 15 },
    );
  });

  it('invariant 28: a batch that comes again changes nothing, nor does one that overlaps', async () => {
    await fc.assert(
      fc.asyncProperty(randomLog, fc.nat(), async (log, choice) => {
        await emptyAll(database());
        const end = 1 + (choice % log.length);
        await project(database(), log.slice(0, end));
        const tables = await tablesOf(database());
        await project(database(), log.slice(0, end));
        await project(database(), log.slice(0, Math.ceil(end / 2)));
        expect(await tablesOf(database())).toEqual(tables);
        expect(await checkpointsOf(database())).toEqual(allAt(log[end - 1]!.position));
        await project(database(), log.slice(Math.floor(end / 2)));
        const overlapping = await tablesOf(database());
        await emptyAll(database());
        await project(database(), log);
        expect(overlapping).toEqual(await tablesOf(database()));
      }),
      { numRuns: 15 },
    );
  });

  it('invariant 28: the whole log once more, without checkpoints, gives the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(randomLog, sizes, async (log, cuts) => {
        await emptyAll(database());
        await project(database(), log);
        const tables = await tablesOf(database());
        await database().source.query('DELETE FROM checkpoints');
        await project(database(), log, cuts);
        expect(await tablesOf(database())).toEqual(tables);
      }),
      { numRuns: 15 },
    );
  });

  it('invariant 27: a batch that fails leaves neither rows nor checkpoints of any read model', async () => {
    const log = logOf([new Run(1).submit().plan(plannedStep(1)).succeed(1)]);
    await project(database(), log.slice(0, 2));
    const tables = await tablesOf(database());
    await expect(projectBatch(database().source, PROJECTIONS, wholeBatch([...log.slice(2), poison(log.at(-1)!)]))).rejects.toThrow(
      'no number',
    );
    expect(await tablesOf(database())).toEqual(tables);
    expect(await checkpointsOf(database())).toEqual(allAt(log[1]!.position));
    await project(database(), log.slice(2));
    expect(await checkpointsOf(database())).toEqual(allAt(log.at(-1)!.position));
  });

  it('invariant 27: nor does one of the only process, which begins no transaction for it', async () => {
    const log = logOf([new Run(1).submit().plan(plannedStep(1)).succeed(1)]);
    const next = (batch: readonly RecordedEvent[]) => projectNext(database().source.manager, PROJECTIONS, wholeBatch(batch));
    await next(log.slice(0, 2));
    const tables = await tablesOf(database());
    // It is the database that refuses: whatever was sent to it before would have been kept.
    await database().source.query('ALTER TABLE timeline RENAME COLUMN message TO mislaid');
    await expect(next(log.slice(2))).rejects.toThrow('message');
    await database().source.query('ALTER TABLE timeline RENAME COLUMN mislaid TO message');
    expect(await tablesOf(database())).toEqual(tables);
    expect(await checkpointsOf(database())).toEqual(allAt(log[1]!.position));
    await next(log.slice(2));
    expect(await checkpointsOf(database())).toEqual(allAt(log.at(-1)!.position));
  });

  it('gives a read model that is behind what it lacks, and the others nothing twice', async () => {
    const log = logOf([new Run(1).submit().plan(plannedStep(1), plannedStep(2)).fail(1).retry(1).succeed(1, { a: 1 }, 2)]);
    await project(database(), log);
    const tables = await tablesOf(database());
    await database().source.query('DELETE FROM timeline WHERE revision > 1');
    await database().source.query(`UPDATE checkpoints SET position = $1 WHERE read_model = 'timeline'`, [String(log[1]!.position)]);
    await project(database(), log, [2]);
    expect(await tablesOf(database())).toEqual(tables);
    expect(await checkpointsOf(database())).toEqual(allAt(log.at(-1)!.position));
  });

  it('applies no event again that is before a checkpoint (invariant 27)', async () => {
    const log = logOf([new Run(1).submit().plan(plannedStep(1), plannedStep(2)).fail(1).retry(1).succeed(1, { a: 1 }, 2)]);
    const applied = new Map<string, bigint[]>(PROJECTIONS.map(({ name }) => [name, []]));
    // Rows do not tell: an event that is applied twice gives the same ones, as long as no later event was applied before.
    const watched = PROJECTIONS.map((projection): Projection => ({
      ...projection,
      fold: (batch, ...more) => {
        applied.get(projection.name)!.push(...batch.map(({ position }) => position));
        return projection.fold(batch, ...more);
      },
    }));
    for (const batch of [log.slice(0, 4), log.slice(0, 4), log.slice(2, 6), log])
      await projectBatch(database().source, watched, wholeBatch(batch));
    const everyOne = log.map(({ position }) => position);
    expect([...applied.values()]).toEqual(PROJECTIONS.map(() => everyOne));
  });

  it('takes thousands of rows in one batch', async () => {
    const steps = Array.from({ length: 4_500 }, (_, index) => plannedStep(index + 1, { args: {} }));
    await project(database(), logOf([new Run(1).submit().do('RecordPlan', { planner: 'test', steps })]));
    expect((await tablesOf(database()))['workflow_steps']).toHaveLength(4_500);
  });
}
