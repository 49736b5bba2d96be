import { unique, until } from '@lifeos/test-support';
import { DatabaseApprovalsReader } from '../../../src/infrastructure/read-models/approvals/approvals.reader.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { PROJECTIONS } from '../../../src/infrastructure/read-models/projection/projections.js';
import { ReadModelsHealth } from '../../../src/infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from '../../../src/infrastructure/read-models/projection/rebuild.js';
import { TestStore } from '../../application/support/test-store.js';
import { numbered } from '../../contract/event-store/support/sample-events.js';
import { Projector, rebuilt, store } from './support/projector.js';
import { plannedStep, Run } from './support/run.js';
import { checkpointsOf, tablesOf, type Tables } from './support/tables.js';

const finishedRun = (workflowId: number): Run => new Run(workflowId).submit().plan(plannedStep(1), plannedStep(2)).succeed(1).succeed(2);

/** What keeps the read models up to date, on a real event store. */
export function describeProjector(database: () => Database): void {
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

  const health = (target: bigint): ReadModelsHealth => {
    const readiness = new ReadModelsHealth(database(), events.log, projector.positions);
    readiness.expect(target);
    return readiness;
  };

  const expectWhole = async (): Promise<void> => {
    const tables = await tablesOf(database());
    expect(tables).toEqual(await rebuilt(database(), events));
  };

  it('projects what is there, then what comes, and tells of each commit', async () => {
    await store(events, finishedRun(1));
    let commits = 0;
    projector.positions.onCommit(() => (commits += 1));
    projector.start();
    await projector.caughtUp();
    expect((await tablesOf(database()))['workflows']).toHaveLength(1);
    const before = commits;
    await store(events, finishedRun(2));
    await projector.caughtUp();
    expect(commits).toBeGreaterThan(before);
    expect((await tablesOf(database()))['workflows']).toMatchObject([{ state: 'SUCCEEDED' }, { state: 'SUCCEEDED' }]);
    await expectWhole();
  });

  it('counts events that are not about runs as considered', async () => {
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    const { position } = await events.log.append(unique('elsewhere-'), numbered(300), 'no-stream');
    // The store tells every 256 events how far it is.
    await events.log.append(unique('elsewhere-'), numbered(300), 'no-stream');
    expect(await projector.positions.waitFor(position, 60_000)).toBe(true);
  });

  it('are complete for a node that does not project, though what the log ends with is of none of them', async () => {
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    const other = new Projector(database(), events).positions;
    const { position } = await events.log.append(unique('elsewhere-'), numbered(1), 'no-stream');
    expect(await other.waitFor(position, 0)).toBe(true);
    await store(events, finishedRun(2));
    expect(await other.waitFor(await events.log.headPosition(), 0)).toBe(false);
  });

  it('goes on from its checkpoints after a stop', async () => {
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    await store(events, finishedRun(2));
    // What is behind the checkpoints is not touched again.
    await database().source.query(`UPDATE workflows SET intent = 'as it was left' WHERE workflow_id = 1`);
    projector.start();
    await projector.caughtUp();
    expect((await tablesOf(database()))['workflows']).toMatchObject([{ intent: 'as it was left' }, { intent: 'find a job' }]);
  });

  it('goes on after the event store was away', async () => {
    await events.dispose();
    events = await TestStore.start('network');
    projector = new Projector(database(), events);
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    await events.node.restart();
    await store(events, finishedRun(2));
    await projector.caughtUp();
    await expectWhole();
  });

  it('sets a read model apart that cannot be written, goes on with the others, and loses nothing', async () => {
    projector.start();
    await store(events, finishedRun(1));
    await projector.caughtUp();
    const readiness = health(await events.log.headPosition());
    await readiness.check();
    await database().source.query('ALTER TABLE timeline RENAME COLUMN message TO mislaid');
    for (let id = 2; id <= 120; id++) await store(events, finishedRun(id));
    const head = await events.log.headPosition();
    const others = PROJECTIONS.map(({ name }) => name).filter((name) => name !== 'timeline');
    expect(await projector.positions.waitFor(head, 60_000, others)).toBe(true);
    const { workflows, timeline } = await tablesOf(database());
    expect([workflows, timeline].map((rows) => rows!.length)).toEqual([120, finishedRun(1).events.length]);
    expect(await projector.positions.position(['timeline'])).toBeLessThan(head);
    expect(projector.logger.said('error', 'read model timeline stands still')).not.toEqual([]);
    await expect(readiness.check()).rejects.toThrow('timeline');
    await database().source.query('ALTER TABLE timeline RENAME COLUMN mislaid TO message');
    await projector.caughtUp();
    await expectWhole();
    await readiness.check();
  });

  it('tries again where nothing can be written, and sets nothing apart', async () => {
    projector.start();
    await store(events, finishedRun(1));
    await projector.caughtUp();
    await database().source.query('ALTER TABLE checkpoints RENAME COLUMN position TO mislaid');
    await store(events, finishedRun(2));
    await until('the complaint', () => projector.logger.said('warn', 'the projections stopped and will go on').length > 0);
    expect(projector.positions.stuck.map(({ name }) => name)).toEqual(PROJECTIONS.map(({ name }) => name));
    await database().source.query('ALTER TABLE checkpoints RENAME COLUMN mislaid TO position');
    await until('all of them to go on', () => projector.positions.stuck.length === 0);
    await projector.caughtUp();
    await expectWhole();
  });

  it('makes a read model anew whose projection has another version, while the others stay', async () => {
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    await database().source.query(`UPDATE checkpoints SET version = 0 WHERE read_model = 'timeline'`);
    await database().source.query(`UPDATE timeline SET message = 'of an old version'`);
    await database().source.query(`UPDATE workflows SET intent = 'as it was left'`);
    projector.start();
    await until('the new rows', () => projector.logger.said('log', 'have taken the place of the old ones').length > 0);
    const { workflows, timeline } = await tablesOf(database());
    expect(workflows).toMatchObject([{ intent: 'as it was left' }]);
    expect(timeline).not.toContainEqual(expect.objectContaining({ message: 'of an old version' }));
    expect(timeline).toHaveLength(finishedRun(1).events.length);
  });

  it('drops rows of another log, and says so', async () => {
    await store(events, finishedRun(1));
    const ahead = PROJECTIONS.filter(({ name }) => name === 'workflows' || name === 'timeline');
    await database().source.query(
      `INSERT INTO checkpoints (read_model, position, version) SELECT name, 4000000000000, version FROM unnest($1::text[], $2::integer[]) AS c (name, version)`,
      [ahead.map(({ name }) => name), ahead.map(({ version }) => version)],
    );
    await database().source.query(`INSERT INTO timers VALUES (99, 'retry', 1, 1, 0)`);
    projector.start();
    await until('the warning', () => projector.logger.lines.some((line) => line.includes('ahead of the event log')));
    await projector.caughtUp();
    expect((await tablesOf(database()))['timers']).toEqual([]);
    await expectWhole();
  });

  it('stops in the middle of a flood and leaves whole batches', async () => {
    for (let id = 1; id <= 150; id++) await store(events, finishedRun(id));
    projector.start();
    await until('the first batch', async () => 'timeline' in (await checkpointsOf(database())));
    await projector.stop();
    const reached = new Set(Object.values(await checkpointsOf(database())));
    expect(reached.size).toBe(1);
    projector.start();
    await projector.caughtUp();
    await expectWhole();
  });

  it('is not misled by a rebuild beside it', async () => {
    projector.start();
    const writing = (async () => {
      for (let id = 1; id <= 100; id++) await store(events, finishedRun(id));
    })();
    for (let round = 0; round < 5; round++) await rebuildReadModels(database(), events.feed, events.log, [], () => undefined);
    await writing;
    await projector.caughtUp();
    await expectWhole();
  });

  it('a rebuild of one read model leaves the others alone', async () => {
    await store(events, finishedRun(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    await database().source.query(`UPDATE workflows SET intent = 'as it was left'`);
    await database().source.query(`UPDATE timeline SET message = 'wrong'`);
    const said: string[] = [];
    await rebuildReadModels(database(), events.feed, events.log, ['timeline'], (line) => said.push(line));
    expect(said).toEqual([expect.stringMatching(/^Rebuilt timeline from \d+ events\.$/)]);
    const { workflows, timeline } = await tablesOf(database());
    expect(workflows).toMatchObject([{ intent: 'as it was left' }]);
    expect(timeline).not.toContainEqual(expect.objectContaining({ message: 'wrong' }));
    expect(timeline).toHaveLength(finishedRun(1).events.length);
  });

  it('is ready once it has what the log held at the start, and stays so while it lags', async () => {
    await store(events, finishedRun(1));
    const target = await events.log.headPosition();
    const readiness = health(target);
    await expect(readiness.check()).rejects.toThrow(`read models are catching up: at position 0 of ${target}`);
    projector.start();
    await projector.caughtUp();
    expect(await readiness.check()).toBe(`at position ${target} of ${target}`);
    await projector.stop();
    await store(events, finishedRun(2));
    expect(await readiness.check()).toBe(`at position ${target} of ${await events.log.headPosition()}`);
    // Another node that starts now is not.
    await expect(health(await events.log.headPosition()).check()).rejects.toThrow('catching up');
  });

  it('is ready where only events that are not about runs are missing', async () => {
    await events.log.append(unique('elsewhere-'), numbered(3), 'no-stream');
    await health(await events.log.headPosition()).check();
  });

  it('is not ready while rows of another log are there', async () => {
    await database().source.query(`INSERT INTO checkpoints SELECT unnest($1::text[]), 4000000000000`, [
      PROJECTIONS.map(({ name }) => name),
    ]);
    await store(events, finishedRun(1));
    const readiness = health(await events.log.headPosition());
    await expect(readiness.check()).rejects.toThrow('catching up');
    projector.start();
    await until('readiness', () =>
      readiness.check().then(
        () => true,
        () => false,
      ),
    );
    await expectWhole();
  });

  describe('when somebody has changed the database', () => {
    const schemaDifferences = async (): Promise<readonly string[]> =>
      (await database().source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
    const indexes = (): Promise<unknown> =>
      database().source.query(`SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`);
    let complete: unknown;
    beforeEach(async () => {
      complete = await indexes();
      await store(events, finishedRun(1));
      projector.start();
      await projector.caughtUp();
      await projector.stop();
    });
    // The tests share a database: what one of them broke is whole again for the next.
    afterEach(() => rebuildReadModels(database(), events.feed, events.log, [], () => undefined));

    const expectMended = async (before: Tables): Promise<void> => {
      expect(await tablesOf(database())).toEqual(before);
      expect(await schemaDifferences()).toEqual([]);
      expect(await indexes()).toEqual(complete);
      await health(0n).check();
    };

    it.each(PROJECTIONS.map(({ name, rows }) => ({ name, rows })))(
      'a rebuild makes the tables of $name again, and until then it is not ready and says what to do',
      async ({ name, rows }) => {
        const before = await tablesOf(database());
        for (const row of rows) await database().source.query(`DROP TABLE ${database().source.getMetadata(row).tableName}`);
        await expect(health(0n).check()).rejects.toThrow(new RegExp(`^not usable: ${name} .*run "npm run rebuild -- ${name}"$`));
        await rebuildReadModels(database(), events.feed, events.log, [name], () => undefined);
        await expectMended(before);
      },
    );

    it('a rebuild makes a table again that lacks a column, and no other', async () => {
      const before = await tablesOf(database());
      await database().source.query('ALTER TABLE timeline DROP COLUMN message');
      await database().source.query('DROP TABLE approvals, plan_parts');
      await expect(health(0n).check()).rejects.toThrow(
        /^not usable: workflows, timeline, approvals \(no table approvals, plan_parts, timeline\).* "npm run rebuild -- workflows timeline approvals"$/,
      );
      await rebuildReadModels(database(), events.feed, events.log, ['workflows', 'timeline', 'approvals'], () => undefined);
      await expectMended(before);
    });

    it('a rebuild makes everything again, checkpoints and all', async () => {
      const before = await tablesOf(database());
      await database().source.query('DROP TABLE checkpoints, workflows, timeline');
      await expect(health(0n).check()).rejects.toThrow(
        /^not usable: all \(no table checkpoints, timeline, workflows\).* "npm run rebuild"$/,
      );
      await rebuildReadModels(database(), events.feed, events.log, [], () => undefined);
      await expectMended(before);
    });

    it('a projector that runs says which read model it waits for, and goes on after the rebuild', async () => {
      await database().source.query('DROP TABLE timeline');
      projector.start();
      await until('the complaint', () => projector.logger.lines.some((line) => line.includes('npm run rebuild -- timeline')));
      await rebuildReadModels(database(), events.feed, events.log, ['timeline'], () => undefined);
      await store(events, finishedRun(2));
      await projector.caughtUp();
      await expectWhole();
    });

    it('rows without a checkpoint are made anew', async () => {
      await database().source.query(`DELETE FROM checkpoints WHERE read_model = 'timeline'`);
      await database().source.query(`UPDATE timeline SET revision = revision + 1000`);
      projector.start();
      const others = (await checkpointsOf(database()))['workflows'];
      await until('the rows', async () => (await checkpointsOf(database()))['timeline'] === others);
      await expectWhole();
    });
  });

  it.each(['workflows', 'approvals'])('a rebuild of the %s alone loses no approval, nor what it says of its run', async (name) => {
    const approvals = new DatabaseApprovalsReader(database());
    const asked = (id: number): Run => new Run(id).submit(`intent ${id}`, id).plan(plannedStep(1, { riskLevel: 'L3' }));
    const shown = async () => (await approvals.list({}, { limit: 10 })).items.map(({ userId, intent }) => [userId, intent]);
    await store(events, asked(1));
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    await store(events, asked(2));
    await rebuildReadModels(database(), events.feed, events.log, [name], () => undefined);
    expect(await shown()).toEqual([[1, 'intent 1']]);
    projector.start();
    await projector.caughtUp();
    expect(await shown()).toEqual([
      [2, 'intent 2'],
      [1, 'intent 1'],
    ]);
    await expectWhole();
  });

  it('a rebuild of what is no read model changes nothing and names those there are', async () => {
    const names = (wrong: string): Promise<void> => rebuildReadModels(database(), events.feed, events.log, [wrong], () => undefined);
    await expect(names('timelines')).rejects.toThrow('"timelines" is no read model. There are workflows, timeline');
  });
}
