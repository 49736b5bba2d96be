import { setImmediate as turn } from 'node:timers/promises';
import { until } from '@lifeos/test-support';
import type { ReadModelName } from '../../../src/application/ports/read-models.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { PROJECTIONS } from '../../../src/infrastructure/read-models/projection/projections.js';
import { ReadModelsHealth } from '../../../src/infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from '../../../src/infrastructure/read-models/projection/rebuild.js';
import { TestStore } from '../../application/support/test-store.js';
import { HeldFeed } from './support/held-feed.js';
import { Projector, rebuilt, store } from './support/projector.js';
import { plannedStep, Run } from './support/run.js';
import { checkpointsOf, tablesOf } from './support/tables.js';

const runOf = (workflowId: number): Run => new Run(workflowId).submit().plan(plannedStep(1), plannedStep(2)).succeed(1).succeed(2);
const EVENTS_OF_RUN = runOf(1).events.length;

/** Read models whose rows an older version of their projection has made. */
export function describeBeside(database: () => Database): void {
  let events: TestStore;
  let feed: HeldFeed;
  let projector: Projector;
  /** The log's end when the engine was updated. */
  let updatedAt: bigint;
  let next: number;
  beforeEach(async () => {
    events = await TestStore.start();
    next = 1;
  });
  afterEach(async () => {
    feed.letGo();
    await projector.stop();
    await events.dispose();
  });

  const write = async (runs: number): Promise<void> => {
    for (const last = next + runs; next < last; next++) await store(events, runOf(next));
  };
  const query = <T>(statement: string): Promise<T[]> => database().source.query(statement);

  /** A node of the new version, whose subscription to what the log held before is held back after its first events. */
  const newNode = (): Projector => {
    feed = new HeldFeed(events.feed, updatedAt);
    return new Projector(database(), events, feed);
  };

  /** The state in which the next version finds what this one has left: rows of a version before. */
  async function update(runs: number, ...names: readonly ReadModelName[]): Promise<void> {
    updatedAt = 0n;
    await write(runs);
    projector = newNode();
    projector.start();
    await projector.caughtUp();
    await projector.stop();
    await query(`UPDATE checkpoints SET version = version - 1 WHERE read_model IN (${names.map((name) => `'${name}'`).join()})`);
    if (names.includes('timeline')) await query(`UPDATE timeline SET message = 'old'`);
    if (names.includes('workflows')) await query(`UPDATE workflows SET intent = 'old'`);
    updatedAt = await events.log.headPosition();
    projector = newNode();
  }

  interface Seen {
    readonly entries: number;
    readonly oldEntries: number;
    readonly runs: number;
    readonly oldRuns: number;
  }
  const look = async (): Promise<Seen> => {
    const [row] = await query<Record<string, string>>(
      `SELECT (SELECT count(*) FROM timeline) AS entries, (SELECT count(*) FROM timeline WHERE message = 'old') AS "oldEntries",
         (SELECT count(*) FROM workflows) AS runs, (SELECT count(*) FROM workflows WHERE intent = 'old') AS "oldRuns"`,
    );
    return Object.fromEntries(Object.entries(row!).map(([name, count]) => [name, Number(count)])) as unknown as Seen;
  };

  const begun = (): Promise<void> =>
    until('some new rows', async () => (await projector.positions.besides()).some(({ position }) => (position ?? 0n) > 0n));
  const swapped = (): Promise<void> =>
    until(
      'the swap',
      async () => projector.logger.said('log', 'have taken the place').length > 0 && (await projector.positions.besides()).length === 0,
      60_000,
    );
  const health = async (): Promise<string> => {
    const readiness = new ReadModelsHealth(database(), events.log, projector.positions);
    readiness.expect(await events.log.headPosition());
    return readiness.check();
  };
  const schemas = (): Promise<unknown[]> => query(`SELECT 1 FROM pg_namespace WHERE nspname LIKE 'lifeos%'`);
  const indexes = (): Promise<unknown[]> =>
    query(`SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`);
  const expectWhole = async (): Promise<void> => {
    await projector.caughtUp();
    expect(await schemas()).toEqual([]);
    const tables = await tablesOf(database());
    expect(tables).toEqual(await rebuilt(database(), events));
  };

  it('are read until new ones have been made beside them: whoever reads sees all of the old rows, then all of the new ones', async () => {
    await update(400, 'timeline', 'workflows');
    const before = await indexes();
    const all = { entries: 400 * EVENTS_OF_RUN, runs: 400 };
    const seen: Seen[] = [];
    let isDone = false;
    const reading = (async () => {
      while (!isDone) {
        seen.push(await look());
        await turn();
      }
    })();
    projector.start();
    await begun();
    await write(20);
    seen.push(await look());
    expect(seen.at(-1)).toEqual({ ...all, oldEntries: all.entries, oldRuns: all.runs });
    feed.letGo();
    await swapped();
    await projector.caughtUp();
    isDone = true;
    await reading;
    for (const { entries, oldEntries, runs, oldRuns } of seen) {
      expect(entries).toBeGreaterThanOrEqual(all.entries);
      expect(runs).toBeGreaterThanOrEqual(all.runs);
      // Both at once.
      expect([
        [all.entries, all.runs],
        [0, 0],
      ]).toContainEqual([oldEntries, oldRuns]);
    }
    expect(await look()).toEqual({ entries: 420 * EVENTS_OF_RUN, oldEntries: 0, runs: 420, oldRuns: 0 });
    expect(await indexes()).toEqual(before);
    await expectWhole();
  });

  it('stay as they are while the others go on, and health tells how far the new ones are', async () => {
    await update(20, 'timeline');
    projector.start();
    await begun();
    await write(10);
    const head = await events.log.headPosition();
    const others = PROJECTIONS.map(({ name }) => name).filter((name) => name !== 'timeline');
    expect(await projector.positions.waitFor(head, 60_000, others)).toBe(true);
    // What they were made of is not missing in them, what came later is.
    expect(await projector.positions.waitFor(updatedAt, 0, ['timeline'])).toBe(true);
    expect(await projector.positions.waitFor(head, 0, ['timeline'])).toBe(false);
    expect(await look()).toMatchObject({ entries: 20 * EVENTS_OF_RUN, oldEntries: 20 * EVENTS_OF_RUN, runs: 30 });
    expect(await health()).toMatch(
      new RegExp(`^at position ${head} of ${head}; timeline is being rebuilt beside: at position \\d+ of ${head}$`),
    );
    const standby = new Projector(database(), events).positions;
    expect(await standby.besides()).toEqual(await projector.positions.besides());
    expect(await standby.position(['timeline'])).toBe(updatedAt);
    let commits = 0;
    projector.positions.onCommit(() => (commits += 1), ['timeline']);
    feed.letGo();
    await swapped();
    expect(commits).toBeGreaterThan(0);
    await expectWhole();
    expect(await health()).toBe(`at position ${head} of ${head}`);
  });

  it('are followed from where the new ones were when it stopped', async () => {
    await update(200, 'timeline', 'workflows');
    projector.start();
    await begun();
    await projector.stop();
    const [made] = await query<{ position: string }>('SELECT DISTINCT position FROM lifeos_beside.checkpoints');
    expect(await look()).toMatchObject({ oldEntries: 200 * EVENTS_OF_RUN, oldRuns: 200 });
    await write(5);
    projector = newNode();
    projector.start();
    feed.letGo();
    await swapped();
    expect(feed.starts).not.toContain('start');
    expect(feed.starts).toContainEqual({ after: BigInt(made!.position) });
    await expectWhole();
  });

  it.each([
    ['another version', `UPDATE lifeos_beside.checkpoints SET version = 99`],
    ['another shape', `COMMENT ON SCHEMA lifeos_beside IS 'made by other migrations'`],
    ['another log', `UPDATE lifeos_beside.checkpoints SET position = 4000000000000`],
    ['a damaged table', 'ALTER TABLE lifeos_beside.timeline DROP COLUMN message'],
    ['a table that is gone', 'DROP TABLE lifeos_beside.timeline'],
    ['no checkpoints', 'DROP TABLE lifeos_beside.checkpoints'],
  ])('what is left beside them of %s is made anew', async (_, change) => {
    await update(20, 'timeline');
    projector.start();
    await begun();
    await projector.stop();
    await query(change);
    projector = newNode();
    projector.start();
    feed.letGo();
    await swapped();
    expect(feed.starts).toContain('start');
    await expectWhole();
  });

  it('what is left beside is dropped by an engine whose rows are there', async () => {
    await update(20, 'timeline');
    projector.start();
    await begun();
    await projector.stop();
    await query(`UPDATE checkpoints SET version = version + 1 WHERE read_model = 'timeline'`);
    projector = newNode();
    projector.start();
    await until('nothing beside', async () => (await schemas()).length === 0);
    await projector.caughtUp();
    expect(await look()).toMatchObject({ oldEntries: 20 * EVENTS_OF_RUN });
  });

  it('stay where the new ones cannot be written: health is well and says so, and they go on when it is mended', async () => {
    await update(20, 'timeline', 'workflows');
    projector.start();
    await begun();
    await query('ALTER TABLE lifeos_beside.timeline RENAME COLUMN message TO mislaid');
    await write(5);
    feed.letGo();
    await until('the complaint', () => projector.logger.said('error', 'what is made beside timeline stands still').length > 0);
    expect(await health()).toMatch(/timeline is being rebuilt beside: stands still at position \d+ of \d+: .*message/);
    // The others are not kept from their place.
    await until('the swap of the other', async () => (await look()).oldRuns === 0);
    expect(await look()).toMatchObject({ entries: 20 * EVENTS_OF_RUN, oldEntries: 20 * EVENTS_OF_RUN, runs: 25 });
    await query('ALTER TABLE lifeos_beside.timeline RENAME COLUMN mislaid TO message');
    await swapped();
    await expectWhole();
  });

  it('stay, all of them, where one cannot be swapped', async () => {
    await update(20, 'timeline', 'workflows');
    await query('CREATE VIEW of_an_operator AS SELECT * FROM workflows');
    const before = await checkpointsOf(database());
    feed.letGo();
    projector.start();
    await until('the complaint', () => projector.logger.said('error', 'other objects depend on it').length > 0);
    expect(await look()).toMatchObject({ oldEntries: 20 * EVENTS_OF_RUN, oldRuns: 20 });
    expect(await checkpointsOf(database())).toEqual(before);
    await query('DROP VIEW of_an_operator');
    await swapped();
    await expectWhole();
  });

  it('a rebuild by hand meanwhile is not undone', async () => {
    await update(20, 'timeline');
    projector.start();
    await begun();
    await write(5);
    await rebuildReadModels(database(), events.feed, events.log, ['timeline'], () => undefined);
    expect(await look()).toMatchObject({ entries: 25 * EVENTS_OF_RUN, oldEntries: 0 });
    feed.letGo();
    await swapped();
    expect(await look()).toMatchObject({ entries: 25 * EVENTS_OF_RUN, oldEntries: 0 });
    await write(5);
    await expectWhole();
  });

  it('of all read models are replaced at once', async () => {
    await update(20, ...PROJECTIONS.map(({ name }) => name));
    feed.letGo();
    projector.start();
    await swapped();
    expect(projector.logger.said('log', 'have taken the place')).toHaveLength(1);
    await write(3);
    await expectWhole();
  });
}
