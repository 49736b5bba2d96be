import { setTimeout as delay } from 'node:timers/promises';
import { heldForMs, renewEveryMs, SeenLeases, type NodeEvent, type NodeFacts, type NodeLoad } from '../../domain/node/node-lease.js';
import type { BackgroundLoops } from '../background-loops.js';
import { Rounds } from '../execution/rounds.js';
import { FollowedStreams } from '../followed-streams.js';
import { messageOf } from '../message-of.js';
import type { Clock } from '../ports/clock.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../ports/event-log.js';
import type { Logger } from '../ports/logger.js';
import { bySystem } from '../workflow/cause.js';
import type { Nodes, NodeView } from '../ports/nodes.js';
import type { Leases } from './leases.js';
import { NODE_STREAM_PREFIX, nodeEventOf, nodeStream } from './node-codec.js';
import { OwnStream } from './own-stream.js';

/** Events of a node's stream that stay readable: what it told last is all that counts. */
const KEPT = 1;

const { actor: ACTOR } = bySystem('nodes');

export interface NodeRegistryPorts {
  readonly log: EventLog;
  readonly feed: EventFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loops: BackgroundLoops;
}

/**
 * The nodes over one event store. Each tells in a stream of its own, every now and then, that it is there, and follows those of the others. That it sees its own word come back is the sign that it
 * has seen whatever the others said before.
 */
export class NodeRegistry implements Leases, Nodes {
  readonly isShared = true;
  private readonly seen: SeenLeases;
  private readonly rounds: Rounds;
  private readonly listeners = new Set<() => void>();
  private readonly looks = new Set<() => void>();
  private streams: FollowedStreams | undefined;
  private readonly own: OwnStream;
  /** The last revisions that were seen of the streams of workers. */
  private readonly revisions = new Map<string, number>();
  /** When the last renewal that was stored was asked for. */
  private renewedAt = Number.NEGATIVE_INFINITY;
  /** Until when this process' own lease is safe. */
  private heldUntil = Number.NEGATIVE_INFINITY;
  private expiry: NodeJS.Timeout | undefined;
  private isThere = false;

  constructor(
    private readonly self: NodeFacts,
    /** As it is told with each renewal. */
    private readonly load: () => NodeLoad,
    private readonly ports: NodeRegistryPorts,
  ) {
    this.seen = new SeenLeases(self.leaseMs);
    this.own = new OwnStream(ports.log, nodeStream(self.worker), ACTOR, KEPT);
    const everyMs = renewEveryMs(self.leaseMs);
    const round = async (): Promise<number> => {
      const sinceMs = ports.clock.elapsed() - this.renewedAt;
      if (sinceMs < everyMs / 2) return everyMs - sinceMs;
      await this.renew();
      return everyMs;
    };
    this.rounds = new Rounds(ports.loops, { name: 'renewing the lease', longestWaitMs: everyMs, shortestWaitMs: everyMs / 4, round });
  }

  /** Resolves once the lease is held. @throws EventLogUnavailable */
  async start(): Promise<void> {
    const { log, feed, loops } = this.ports;
    this.isThere = true;
    const take = (recorded: RecordedEvent): void => this.take(recorded);
    this.streams = new FollowedStreams(feed, loops, {
      filter: { streamPrefix: NODE_STREAM_PREFIX },
      loop: 'listening to other nodes',
      take,
    });
    this.streams.follow(await log.headPosition());
    await this.renew();
    this.rounds.start();
  }

  /** To be called once nothing runs here any more: others need not wait for the lease to run out. */
  async stop(): Promise<void> {
    if (!this.isThere) return;
    this.isThere = false;
    await this.rounds.stop();
    clearTimeout(this.expiry);
    this.heldUntil = Number.NEGATIVE_INFINITY;
    const left: NodeEvent = { type: 'NodeLeft', data: { worker: this.self.worker, at: this.now() } };
    await this.own
      .append(left)
      .catch((error: unknown) => this.ports.logger.warn(`others wait for this node's lease to run out: ${messageOf(error)}`));
    await this.streams?.close();
  }

  isHeld(): boolean {
    return this.ports.clock.elapsed() < this.heldUntil;
  }

  async isGone(worker: string): Promise<boolean> {
    if (worker === this.self.worker || (this.revisions.has(worker) && !this.seen.isGone(worker))) return false;
    const last = await this.ports.log.readLast(nodeStream(worker));
    if (last) this.take(last);
    return this.seen.isGone(worker);
  }

  hasOthers(): boolean {
    return this.list().some(({ isSelf, isGone }) => !isSelf && !isGone);
  }

  onLost(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async nextLook(signal: AbortSignal): Promise<void> {
    const waited = new AbortController();
    const end = (): void => waited.abort();
    this.looks.add(end);
    signal.addEventListener('abort', end, { once: true });
    // The looks come by themselves; where the store is away, whoever waits asks again all the same.
    if (!signal.aborted) await delay(this.self.leaseMs, undefined, { signal: waited.signal }).catch(() => undefined);
    signal.removeEventListener('abort', end);
    this.looks.delete(end);
  }

  /** Those that are there, as far as this one has seen, itself among them. */
  list(): readonly NodeView[] {
    const { worker } = this.self;
    return this.seen.nodes(this.ports.clock.elapsed()).map(({ node, seenAgoMs }) => ({
      ...node,
      seenAgoMs,
      isSelf: node.worker === worker,
      isGone: node.worker !== worker && this.seen.isGone(node.worker),
    }));
  }

  /** @throws EventLogUnavailable */
  async renew(): Promise<void> {
    const asked = this.ports.clock.elapsed();
    await this.own.append({ type: 'NodeLeaseRenewed', data: { ...this.self, ...this.load(), at: this.now() } });
    this.renewedAt = asked;
    // From before it was stored: others count from when they see it.
    this.hold(asked + heldForMs(this.self.leaseMs));
  }

  private hold(until: number): void {
    if (!this.isThere) return;
    this.heldUntil = until;
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.lose(), Math.max(0, until - this.ports.clock.elapsed()));
  }

  private lose(): void {
    this.ports.logger.error('this node could not renew its lease: what it runs is aborted, and others may run it again');
    for (const listener of this.listeners) listener();
  }

  private take(recorded: RecordedEvent): void {
    const event = nodeEventOf(recorded);
    const { worker } = event?.data ?? {};
    if (!event || worker === undefined || recorded.revision <= (this.revisions.get(worker) ?? -1)) return;
    this.revisions.set(worker, recorded.revision);
    const now = this.ports.clock.elapsed();
    this.seen.see(event, now);
    if (worker === this.self.worker) this.seen.looked(now);
    for (const look of [...this.looks]) look();
  }

  private now(): string {
    return new Date(this.ports.clock.now()).toISOString();
  }
}
