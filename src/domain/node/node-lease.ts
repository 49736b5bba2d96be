/**
 * Times of leases, in milliseconds. A lease is renewed every fifth of its length. Its holder counts it as lost a fifth of its length before anybody else may, which is the time that it has
 * to abort what it runs.
 */
export const renewEveryMs = (leaseMs: number): number => leaseMs / 5;
export const heldForMs = (leaseMs: number): number => leaseMs * 0.8;

/** A node as it tells of itself. */
export interface NodeFacts {
  /** Of this start of it: unique among all processes that ever ran. */
  readonly worker: string;
  readonly host: string;
  readonly pid: number;
  /** The engine's version. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly leaseMs: number;
}

/** How busy it is. */
export interface NodeLoad {
  /** Attempts that it runs. */
  readonly running: number;
  /** Attempts that it can run at once. */
  readonly capacity: number;
}

export type NodeEvent =
  | { readonly type: 'NodeLeaseRenewed'; readonly data: NodeFacts & NodeLoad & { readonly at: string } }
  | { readonly type: 'NodeLeft'; readonly data: { readonly worker: string; readonly at: string } };

const EVERY_TYPE: Readonly<Record<NodeEvent['type'], true>> = { NodeLeaseRenewed: true, NodeLeft: true };
export const NODE_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly NodeEvent['type'][];

export type KnownNode = Extract<NodeEvent, { type: 'NodeLeaseRenewed' }>['data'];

/**
 * What one node knows of the leases of the others. Times are the node's own, from a clock that only goes forward: nodes need not agree about the time of day. A lease counts from when its
 * renewal was seen, which is after it was made, so nobody ends it before its holder has given it up.
 */
export class SeenLeases {
  private readonly seen = new Map<string, { node: KnownNode; at: number }>();
  private readonly left = new Set<string>();
  /** The first look, from which on a node that is not seen is missed. */
  private since: number | undefined;
  private lookedAt = 0;

  constructor(private readonly leaseMs: number) {}

  /** An event that the look found. */
  see({ type, data }: NodeEvent, now: number): void {
    if (type === 'NodeLeft') {
      this.left.add(data.worker);
      this.seen.delete(data.worker);
    } else if (!this.left.has(data.worker)) this.seen.set(data.worker, { node: data, at: now });
  }

  /** The store has answered: all renewals until now were seen. After a time without any answer the others have the whole of their leases again, for they could not renew them either. */
  looked(now: number): void {
    const isBroken = this.since === undefined || now - this.lookedAt > renewEveryMs(this.leaseMs) * 2;
    if (isBroken) {
      this.since = now;
      for (const [worker, { node }] of this.seen) this.seen.set(worker, { node, at: now });
    }
    this.lookedAt = now;
    for (const [worker, { node, at }] of this.seen) if (now - at > node.leaseMs * 10) this.seen.delete(worker);
  }

  /** Whether the worker's lease has run out, or it has left. One that was never seen has a lease's time to show itself. */
  isGone(worker: string): boolean {
    if (this.left.has(worker)) return true;
    if (this.since === undefined) return false;
    const seen = this.seen.get(worker);
    const from = seen?.at ?? this.since;
    return this.lookedAt - from > (seen?.node.leaseMs ?? this.leaseMs);
  }

  /** Those that have told of themselves and have not left, longest there first, with the milliseconds since they were last seen to. */
  nodes(now: number): readonly { readonly node: KnownNode; readonly seenAgoMs: number }[] {
    return [...this.seen.values()]
      .map(({ node, at }) => ({ node, seenAgoMs: now - at }))
      .sort((a, b) => a.node.startedAt.localeCompare(b.node.startedAt));
  }
}
