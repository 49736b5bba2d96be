import { until } from '@lifeos/test-support';
import { TestStore } from '../../application/support/test-store.js';
import { openDatabase, type Database } from '../../../src/infrastructure/read-models/database/database.js';
import { describeOnPostgres, onServer, openPostgres, type TestDatabase } from './support/databases.js';
import { factOf, type FactOf } from '../../../src/infrastructure/read-models/projection/project-batch.js';
import type { Projection } from '../../../src/infrastructure/read-models/projection/projection.js';
import { PROJECTIONS } from '../../../src/infrastructure/read-models/projection/projections.js';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import { HeldFeed } from './support/held-feed.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { Projector, rebuilt, store } from './support/projector.js';
import { plannedStep, Run } from './support/run.js';
import { tablesOf } from './support/tables.js';

const runOf = (workflowId: number): Run => new Run(workflowId).submit().plan(plannedStep(1)).succeed(1);

describeOnPostgres('projectors on one PostgreSQL server', () => {
  let events: TestStore;
  let home: TestDatabase;
  const databases: Database[] = [];
  const projectors: Projector[] = [];
  beforeEach(async () => {
    events = await TestStore.start();
    home = await openPostgres();
  });
  afterEach(async () => {
    await Promise.all(projectors.splice(0).map((projector) => projector.stop()));
    await Promise.all(databases.splice(0).map((database) => database.close()));
    await home.dispose();
    await events.dispose();
  });

  /** A node of its own: its own connections. */
  async function node(read?: FactOf, projections?: readonly Projection[], feed?: EventFeed): Promise<Projector> {
    const database = await openDatabase({ ...home.place, logger: home.logger });
    databases.push(database);
    const projector = new Projector(database, events, feed);
    projectors.push(projector);
    projector.start(read, projections);
    return projector;
  }

  const expectWhole = async (): Promise<void> => {
    const tables = await tablesOf(home.database);
    expect(tables).toEqual(await rebuilt(home.database, events));
  };

  it('are one at a time; when it stops another goes on, and all know how far the rows are', async () => {
    const first = await node();
    await store(events, runOf(1));
    await first.caughtUp();
    const second = await node();
    let commits = 0;
    second.positions.onCommit(() => (commits += 1));
    await store(events, runOf(2));
    await second.caughtUp();
    expect(commits).toBe(0);
    await first.stop();
    await store(events, runOf(3));
    await second.caughtUp();
    expect(commits).toBeGreaterThan(0);
    await expectWhole();
  });

  /** Ends every connection; none of them is left when it resolves. */
  async function cutAll(): Promise<void> {
    const others = `FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const cut = await onServer(`SELECT pid, pg_terminate_backend(pid) ${others}`, home.place.url);
    const left = `SELECT pid ${others} AND pid IN (${cut.map(({ pid }) => String(pid)).join()})`;
    await until('the cut', async () => (await onServer(left, home.place.url)).length === 0);
  }

  it('go on after every connection to the server was cut', async () => {
    const one = await node();
    await node();
    // A cut may meet this very query.
    const position = (): Promise<bigint> => one.positions.position().catch(() => 0n);
    const write = async (first: number, count: number): Promise<void> => {
      for (let id = first; id < first + count; id++) await store(events, runOf(id));
    };
    for (let round = 0; round < 3; round++) {
      const before = await events.log.headPosition();
      const writing = write(1 + round * 20, 20);
      await until('some progress', async () => (await position()) > before);
      await cutAll();
      await writing;
    }
    await until('all events', async () => {
      const head = await events.log.headPosition();
      return (await position()) >= head;
    });
    await expectWhole();
  });

  it('a projector whose session with the lock ends hands over', async () => {
    const first = await node();
    await store(events, runOf(1));
    await first.caughtUp();
    const second = await node();
    await onServer(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      home.place.url,
    );
    await until('the first one to notice', () => first.logger.lines.length > 0);
    await store(events, runOf(2));
    await second.caughtUp();
    await expectWhole();
  });

  it('invariant 36: one that does not understand an event hands over to one that does, and is well as long as that one projects', async () => {
    const old = await node();
    await store(events, runOf(1));
    await old.caughtUp();
    const newer = await node((recorded) => (recorded.type === 'StepPostponed' ? undefined : factOf(recorded)));
    await events.log.append(workflowStream(2), [sampleEvent({ workflowId: 2 }, 'StepPostponed')], 'no-stream');
    await store(events, runOf(3));
    await newer.caughtUp();
    expect(old.logger.said('error', 'StepPostponed')).toHaveLength(1);
    await until('the old one to see that', () => old.positions.stuck.length === 0);
    const head = await events.log.headPosition();
    expect(await old.positions.waitFor(head, 60_000)).toBe(true);
    expect(newer.positions.stuck).toEqual([]);
    expect((await tablesOf(home.database))['workflows']).toHaveLength(2);
  });

  it('rows that a newer version of a projection has made are not emptied by an older one', async () => {
    const first = await node();
    await store(events, runOf(1));
    await first.caughtUp();
    await first.stop();
    await home.database.source.query(`UPDATE checkpoints SET version = version + 1 WHERE read_model = 'timeline'`);
    const before = await tablesOf(home.database);
    await store(events, runOf(2));
    const old = await node();
    await until('the complaint', () => old.logger.said('warn', 'the rows of timeline were made by a newer version').length > 0);
    expect(old.positions.stuck).not.toEqual([]);
    expect(await tablesOf(home.database)).toEqual(before);
  });

  /** What the next version of the engine has. */
  const NEXT = PROJECTIONS.map((projection) =>
    projection.name === 'timeline' ? { ...projection, version: projection.version + 1 } : projection,
  );
  const swapped = (node: Projector): Promise<void> =>
    until('the swap', () => node.logger.said('log', 'have taken the place of the old ones').length > 0, 60_000);

  it('an older one goes on with the rows of its version until it stops; then a newer one makes new ones beside them', async () => {
    const old = await node();
    await store(events, runOf(1));
    await old.caughtUp();
    const newer = await node(undefined, NEXT);
    await store(events, runOf(2));
    await old.caughtUp();
    expect((await tablesOf(home.database))['workflows']).toHaveLength(2);
    expect(newer.logger.lines).toEqual([]);
    await old.stop();
    await swapped(newer);
    expect(await onServer(`SELECT version FROM checkpoints WHERE read_model = 'timeline'`, home.place.url)).toEqual([
      { version: NEXT.find(({ name }) => name === 'timeline')!.version },
    ]);
    await expectWhole();
  });

  it('one that takes over goes on with what another has begun to make beside', async () => {
    for (let id = 1; id <= 50; id++) await store(events, runOf(id));
    const old = await node();
    await old.caughtUp();
    await old.stop();
    const held = new HeldFeed(events.feed, await events.log.headPosition());
    const first = await node(undefined, NEXT, held);
    const made = async (): Promise<unknown> => {
      const there = await onServer(`SELECT to_regclass('lifeos_beside.checkpoints') IS NOT NULL AS there`, home.place.url);
      return (
        there[0]!['there'] === true && (await onServer('SELECT position FROM lifeos_beside.checkpoints', home.place.url))[0]!['position']
      );
    };
    await until('some new rows', async () => Number(await made()) > 0);
    const position = BigInt((await made()) as string);
    const feed = new HeldFeed(events.feed, 0n);
    const second = await node(undefined, NEXT, feed);
    await cutAll();
    // It may be quicker than the second to have the lock again.
    await first.stop();
    await swapped(second);
    expect(feed.starts.map((start) => typeof start === 'object' && start.after >= position)).toEqual([true, true]);
    await store(events, runOf(51));
    await until('all rows', async () => (await tablesOf(home.database))['workflows']!.length === 51);
  });

  it('new rows take the place of the old ones only when nobody reads who would miss those that were made since', async () => {
    for (let id = 1; id <= 20; id++) await store(events, runOf(id));
    const old = await node();
    await old.caughtUp();
    await old.stop();
    const before = (await tablesOf(home.database))['timeline']!.length;
    const reader = home.database.source.createQueryRunner();
    const count = async (table: string): Promise<number> =>
      Number(((await reader.query(`SELECT count(*) FROM ${table}`)) as [{ count: string }])[0].count);
    await reader.startTransaction('REPEATABLE READ');
    expect(await count('workflows')).toBe(20);
    const newer = await node(undefined, NEXT);
    await until('the swap to be put off', () => newer.logger.said('error', 'somebody has been reading since before').length > 0, 60_000);
    expect(await count('timeline')).toBe(before);
    await reader.commitTransaction();
    await reader.release();
    await swapped(newer);
    expect((await tablesOf(home.database))['timeline']).toHaveLength(before);
  });
});
