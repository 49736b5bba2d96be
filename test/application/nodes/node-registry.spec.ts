import { until } from '@lifeos/test-support';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { nodeStream } from '../../../src/application/nodes/node-codec.js';
import { NodeRegistry } from '../../../src/application/nodes/node-registry.js';
import type { EventFeed, FeedSubscription } from '../../../src/application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { heldForMs } from '../../../src/domain/node/node-lease.js';
import { systemClock } from '../../../src/infrastructure/system/system-clock.js';
import { LogRecorder } from '../support/log-recorder.js';
import { sharedStore } from '../support/test-store.js';
import { WatchedLog } from '../support/watched-log.js';

const LEASE = 9_000;
const store = sharedStore();
let now = 0;
let names = 0;
const started: NodeRegistry[] = [];
beforeEach(() => {
  now = 1_000_000;
});
afterEach(() => Promise.all(started.splice(0).map((node) => node.stop())));

/** A node over the store, whose clock is the test's: its own rounds never come about. */
function node(leaseMs = LEASE) {
  const worker = `w${++names}`;
  const logger = new LogRecorder();
  const log = new WatchedLog(store().log);
  const facts = { worker, host: 'h', pid: names, version: '1', startedAt: new Date(names).toISOString(), leaseMs };
  let told = 0;
  let isDeaf = false;
  // What comes while it is deaf is lost to it.
  const feed = {
    subscribe: (options: Parameters<EventFeed['subscribe']>[0]): FeedSubscription => {
      const subscription = store().feed.subscribe(options);
      return {
        async *[Symbol.asyncIterator]() {
          for await (const item of subscription) if (!isDeaf) yield item;
        },
        close: () => subscription.close(),
      };
    },
  } as EventFeed;
  const load = () => ({ running: ++told, capacity: 16 });
  const registry = new NodeRegistry(facts, load, {
    log,
    feed,
    clock: { ...systemClock, elapsed: () => now },
    logger,
    loops: new BackgroundLoops(logger),
  });
  started.push(registry);
  /** Its own word has come back: so has what others said before. */
  const sees = (): Promise<void> => until('it to see its own word', () => registry.list().find(({ isSelf }) => isSelf)?.running === told);
  const start = async (): Promise<void> => {
    await registry.start();
    await sees();
  };
  const renew = async (): Promise<void> => {
    await registry.renew();
    await sees();
  };
  return { worker, log, logger, registry, start, renew, deafen: () => (isDeaf = true) };
}

describe('nodes over one event store', () => {
  it('see each other, with their load, and who has left at once', async () => {
    const [one, other] = [node(), node()];
    await one.start();
    await other.start();
    await one.renew();
    const listed = () => one.registry.list().map(({ worker, isSelf, isGone, capacity }) => ({ worker, isSelf, isGone, capacity }));
    expect(listed()).toEqual([
      { worker: one.worker, isSelf: true, isGone: false, capacity: 16 },
      { worker: other.worker, isSelf: false, isGone: false, capacity: 16 },
    ]);
    expect(await one.registry.isGone(other.worker)).toBe(false);
    await other.registry.stop();
    await one.renew();
    expect(await one.registry.isGone(other.worker)).toBe(true);
    expect(listed()).toHaveLength(1);
  });

  it('renew at the same time without losing one another', async () => {
    const nodes = Array.from({ length: 4 }, () => node());
    await Promise.all(nodes.map((one) => one.start()));
    await Promise.all(nodes.map((one) => one.renew()));
    await nodes[0]!.renew();
    expect(nodes[0]!.registry.list().filter(({ isGone }) => !isGone)).toHaveLength(4);
  });

  it('take one for gone whose lease was not renewed for its length, and it has given up before', async () => {
    const [one, other] = [node(), node()];
    await one.start();
    await other.start();
    await one.renew();
    other.log.beforeAppend = () => Promise.reject(new EventLogUnavailable('cut off'));
    for (let passed = 0; passed < LEASE; passed += 3_000) {
      now += 3_000;
      await one.renew();
    }
    expect(await one.registry.isGone(other.worker)).toBe(false);
    expect(other.registry.isHeld()).toBe(false);
    now += 1;
    await one.renew();
    expect(await one.registry.isGone(other.worker)).toBe(true);
    expect(one.registry.isHeld()).toBe(true);
    other.log.beforeAppend = () => undefined;
  });

  it('take nobody for gone who has come back since the last look', async () => {
    const [one, other] = [node(), node()];
    await one.start();
    await other.start();
    const { beforeAppend } = other.log;
    other.log.beforeAppend = () => Promise.reject(new EventLogUnavailable('cut off'));
    for (let passed = 0; passed <= LEASE; passed += 3_000) {
      now += 3_000;
      await one.renew();
    }
    other.log.beforeAppend = beforeAppend;
    one.deafen();
    await other.renew();
    expect(await one.registry.isGone(other.worker)).toBe(false);
  });

  it('hold no lease before its renewal is stored, and one that was slow only from when it was asked for', async () => {
    const { registry, log, worker } = node();
    expect(registry.isHeld()).toBe(false);
    log.afterAppend = ({ streamId }) => {
      if (streamId === nodeStream(worker)) now += heldForMs(LEASE) + 1;
    };
    await registry.start();
    expect(registry.isHeld()).toBe(false);
    log.afterAppend = () => undefined;
    await registry.renew();
    expect(registry.isHeld()).toBe(true);
  });

  it('are told when the lease is about to run out, because the store is away', async () => {
    const { registry, log, logger } = node(300);
    let told = 0;
    registry.onLost(() => told++);
    await registry.start();
    log.beforeAppend = () => Promise.reject(new EventLogUnavailable('away'));
    now += 300;
    await until('it to be told', () => told === 1);
    expect(registry.isHeld()).toBe(false);
    expect(logger.said('error', 'could not renew its lease')).toHaveLength(1);
    log.beforeAppend = () => undefined;
    await until('it to be renewed', () => registry.isHeld());
  });

  it('wake who waits for the next look', async () => {
    const { registry } = node();
    await registry.start();
    const look = registry.nextLook(new AbortController().signal);
    await registry.renew();
    await look;
    const stopped = new AbortController();
    const never = registry.nextLook(stopped.signal);
    stopped.abort();
    await never;
  });
});
