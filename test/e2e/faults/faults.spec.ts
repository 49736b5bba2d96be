import { describeOnPostgres, onServer } from '../../integration/read-models/support/databases.js';
import { Cluster, LEASE_MS } from './support/cluster.js';
import { FaultLife, pause } from './support/life.js';

/** Runs that live through each kind of fault: 12, or 200 in the long test. */
const RUNS = Number(process.env['FAULTS_RUNS'] ?? 12);
const IS_LONG = RUNS > 50;
/** The same faults at about the same places each time; another one where none is asked for, which a failure names. */
const SEED = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);
/** Faults of a kind at least, while runs are submitted and go on. */
const LEAST = IS_LONG ? Math.ceil(RUNS / 8) : 2;
const LIMIT_MS = IS_LONG ? 900_000 : 240_000;
/** As far as wall clocks are set ahead, and back, in milliseconds. */
const MOST_AHEAD_MS = 20_000;
const MOST_BEHIND_MS = 3_600_000;
/** A process may write so much more before its disk is full, in KiB. */
const ROOM_KIB = 64;
/** Where the disk of an engine is full, in KiB: there is room for the traces that tools leave, and for no entry of the outbox. */
const LITTLE_ROOM_KIB = 4;

/**
 * Three engines, an event store and PostgreSQL, each kind of fault in its turn: together a minute or two, and minutes for each kind in the long test. After each the whole log is judged, and
 * what the tools left, and every row of the read models.
 */
describeOnPostgres('a cluster of three engines (invariants 1, 2, 8, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21, 28, 33 and 37)', () => {
  let cluster: Cluster;
  let life: FaultLife;
  beforeAll(async () => {
    cluster = await Cluster.start();
    life = new FaultLife(cluster, SEED);
  }, 180_000);
  afterAll(async () => {
    await life?.end();
    await cluster?.stop();
  });

  it(
    'keeps its invariants while nodes are killed',
    async () => {
      await life.live(RUNS, LEAST, async () => {
        await pause(life.random.whole(300, 1_200));
        await cluster.killNode(life.random.whole(0, 2));
        // Of three one at a time: a start takes as long as a lease.
        await cluster.allReady();
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while the event store is killed and started again',
    async () => {
      await life.live(RUNS, LEAST, async () => {
        await pause(life.random.whole(1_000, 2_500));
        await cluster.killStore();
        // Now and then for longer than a lease can be held.
        await pause(life.random.chance(0.3) ? LEASE_MS : life.random.whole(0, 500));
        await cluster.startStore();
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while the connections to PostgreSQL are cut',
    async () => {
      await life.live(RUNS, LEAST * 2, async () => {
        await pause(life.random.whole(200, 900));
        await onServer(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          cluster.databaseUrl,
        );
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while the network delays, resets and swallows',
    async () => {
      await life.live(RUNS, LEAST + 2, async (round) => {
        await pause(life.random.whole(200, 800));
        const kind = ['late', 'reset', 'swallow', 'late and reset'][round % 4]!;
        if (kind.startsWith('late')) cluster.proxy.lateMs = () => life.random.whole(0, 120);
        if (kind.endsWith('reset')) cluster.proxy.cut(() => life.random.chance(0.7));
        if (kind === 'swallow') cluster.proxy.swallow();
        await pause(life.random.whole(500, 1_500));
        cluster.proxy.lateMs = () => 0;
        // In the long test some connections stay silent for ever, as where a machine went without a word: it takes its time until that is noticed.
        cluster.proxy.passOn(!IS_LONG || life.random.chance(0.5));
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while a node stands still for longer than its lease',
    async () => {
      await life.live(RUNS, IS_LONG ? LEAST : 1, async () => {
        await pause(life.random.whole(200, 800));
        const { process } = cluster.nodes[life.random.whole(0, 2)]!;
        process.signal('SIGSTOP');
        await pause(LEASE_MS * 1.4);
        process.signal('SIGCONT');
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while the wall clocks of nodes jump ahead and back',
    async () => {
      await life.live(RUNS, LEAST + 2, async (round) => {
        await pause(life.random.whole(200, 800));
        // What is put off while a clock is ahead waits that much longer; by one that is behind nothing is ever due.
        const ahead = [life.random.whole(LEASE_MS, MOST_AHEAD_MS), -life.random.whole(LEASE_MS, MOST_BEHIND_MS)];
        await cluster.setClock(life.random.whole(0, 2), { aheadMs: ahead[round % 2]! });
        if (life.random.chance(0.3)) await cluster.setClock(life.random.whole(0, 2), { aheadMs: 0 });
      });
      // While one stays behind, and another ahead, everything that was accepted goes on.
      await cluster.setClock(0, { aheadMs: -MOST_BEHIND_MS });
      await cluster.setClock(1, { aheadMs: LEASE_MS });
      try {
        await life.judge();
      } finally {
        for (const index of [0, 1, 2]) await cluster.setClock(index, { aheadMs: 0 });
      }
    },
    LIMIT_MS,
  );

  it(
    'keeps its invariants while the disk of a node is full',
    async () => {
      await life.live(RUNS, LEAST, async () => {
        await pause(life.random.whole(100, 500));
        const { process } = cluster.nodes[life.random.whole(0, 2)]!;
        await process.limitFiles(LITTLE_ROOM_KIB);
        await pause(life.random.whole(500, 1_500));
        await process.limitFiles('unlimited');
      });
      await life.judge();
    },
    LIMIT_MS,
  );

  it(
    'loses nothing where the disk of the event store is full: it ends, and goes on where there is room',
    async () => {
      await life.live(RUNS, 1, async () => {
        await cluster.killStore();
        await cluster.startStore(cluster.logKib() + ROOM_KIB);
        await Promise.race([cluster.storeEnds(), pause(8_000)]);
        expect(cluster.isStoreRunning).toBe(false);
        await cluster.startStore();
      });
      await life.judge();
    },
    LIMIT_MS,
  );
});
