import type { NodeFacts, NodeLoad } from '../../domain/node/node-lease.js';
import type { Clock } from '../ports/clock.js';
import type { Nodes, NodeView } from '../ports/nodes.js';

/** The only process on its store: it needs no lease, and tells nobody of itself. */
export class SoleNode implements Nodes {
  constructor(
    private readonly self: NodeFacts,
    private readonly clock: Clock,
    private readonly load: () => NodeLoad,
  ) {}

  list(): readonly NodeView[] {
    const at = new Date(this.clock.now()).toISOString();
    return [{ ...this.self, ...this.load(), at, isSelf: true, isGone: false, seenAgoMs: 0 }];
  }
}
