import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../../domain/json.js';
import {
  heldForMs,
  isNodeEventType,
  renewEveryMs,
  SeenLeases,
  type NodeEvent,
  type NodeFacts,
  type NodeLoad,
} from '../../domain/node/node-lease.js';
import type { BackgroundLoops } from '../background-loops.js';
import { Rounds } from '../execution/rounds.js';
import { messageOf } from '../message-of.js';
import type { Clock } from '../ports/clock.js';
import { RevisionConflict, type EventLog } from '../ports/event-log.js';
import type { Logger } from '../ports/logger.js';
import { bySystem } from '../workflow/cause.js';
import { SCHEMA_VERSION } from '../workflow/workflow-codec.js';
import type { Nodes, NodeView } from '../ports/nodes.js';
import type { Leases } from './leases.js';

/** Where nodes tell of themselves: never rename. */
export const NODES_STREAM = 'nodes';
/** Events of it that stay readable: more than the nodes of a cluster tell while a lease lasts. */
const KEPT = 1_000;

const { actor: ACTOR } = bySystem('nodes');

export interface NodeRegistryPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loops: BackgroundLoops;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonicMs: () => number;
}

/** The nodes over one event store, by a stream in which each tells every now and then that it is there. */
export class NodeRegistry implements Leases, Nodes {
  private readonly seen: SeenLeases;
  private readonly rounds: Rounds;
  private readonly listeners = new Set<() => void>();
  private readonly looks = new Set<() => void>();
  private revision = -1;
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
    const everyMs = renewEveryMs(self.leaseMs);
    const round = async (): Promise<number> => {
      await this.renew();
      return everyMs;
    };
    this.rounds = new Rounds(ports.loops, { name: 'renewing the lease', longestWaitMs: everyMs, shortestWaitMs: everyMs / 4, round });
  }

  /** Resolves once the lease is held. @throws EventLogUnavailable */
  async start(): Promise<void> {
    this.isThere = true;
    await this.ports.log.keepLast(NODES_STREAM, KEPT);
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
    await this.append(left).catch((error: unknown) =>
      this.ports.logger.warn(`others wait for this node's lease to run out: ${messageOf(error)}`),
    );
  }

  isHeld(): boolean {
    return this.ports.monotonicMs() < this.heldUntil;
  }

  async isGone(worker: string): Promise<boolean> {
    if (worker === this.self.worker || !this.seen.isGone(worker)) return false;
    await this.look();
    return this.seen.isGone(worker);
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
    return this.seen.nodes(this.ports.monotonicMs()).map(({ node, seenAgoMs }) => ({
      ...node,
      seenAgoMs,
      isSelf: node.worker === worker,
      isGone: node.worker !== worker && this.seen.isGone(node.worker),
    }));
  }

  /** One look and one renewal. @throws EventLogUnavailable */
  async renew(): Promise<void> {
    const asked = this.ports.monotonicMs();
    await this.append({ type: 'NodeLeaseRenewed', data: { ...this.self, ...this.load(), at: this.now() } });
    // From before it was stored: others count from when they see it.
    this.hold(asked + heldForMs(this.self.leaseMs));
    for (const look of [...this.looks]) look();
  }

  private hold(until: number): void {
    if (!this.isThere) return;
    this.heldUntil = until;
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.lose(), Math.max(0, until - this.ports.monotonicMs()));
  }

  private lose(): void {
    this.ports.logger.error('this node could not renew its lease: what it runs is aborted, and others may run it again');
    for (const listener of this.listeners) listener();
  }

  private async append({ type, data }: NodeEvent): Promise<void> {
    const metadata = { $correlationId: NODES_STREAM, commandId: randomUUID(), actor: ACTOR, schemaVersion: SCHEMA_VERSION };
    const event = { id: randomUUID(), type, data: data as unknown as JsonObject, metadata };
    for (;;) {
      await this.look();
      try {
        await this.ports.log.append(NODES_STREAM, [event], this.revision < 0 ? 'no-stream' : this.revision);
      } catch (error) {
        // Another node was quicker.
        if (error instanceof RevisionConflict) continue;
        throw error;
      }
      await this.look();
      return;
    }
  }

  private async look(): Promise<void> {
    for await (const { revision, type, data } of this.ports.log.readStream(NODES_STREAM, { from: this.revision + 1 })) {
      // Two looks may go on at once.
      if (revision <= this.revision) continue;
      this.revision = revision;
      if (isNodeEventType(type)) this.seen.see({ type, data } as unknown as NodeEvent, this.ports.monotonicMs());
    }
    this.seen.looked(this.ports.monotonicMs());
  }

  private now(): string {
    return new Date(this.ports.clock.now()).toISOString();
  }
}
