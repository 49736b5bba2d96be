import type { KnownNode } from '../../domain/node/node-lease.js';

export interface NodeView extends KnownNode {
  /** It is the node that answers. */
  readonly isSelf: boolean;
  /** Its lease has run out: what it ran is interrupted. */
  readonly isGone: boolean;
  /** Since its last renewal was seen, in milliseconds. */
  readonly seenAgoMs: number;
}

/** The nodes over one event store. */
export interface Nodes {
  /** As far as this one knows, longest there first. */
  list(): readonly NodeView[];
}

export const NODES = Symbol('Nodes');
