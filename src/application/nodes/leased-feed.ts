import type { BackgroundLoops } from '../background-loops.js';
import type { ConsumerGroup, EventFeed, FeedSubscription, GroupConsumer, GroupHandler } from '../ports/event-feed.js';
import { LeasedConsumer } from './leased-consumer.js';
import type { Leases } from './leases.js';

/**
 * The feed of a node. One of several is in its consumer groups for as long as it holds its lease: one that has lost it, say because it cannot write to the store that it still reads from, could
 * do nothing about what is delivered to it, and what is pinned to it would wait for ever.
 */
export class LeasedFeed implements EventFeed {
  constructor(
    private readonly feed: EventFeed,
    private readonly leases: Leases,
    private readonly loops: BackgroundLoops,
  ) {}

  subscribe(options: Parameters<EventFeed['subscribe']>[0]): FeedSubscription {
    return this.feed.subscribe(options);
  }

  async join(group: ConsumerGroup, handler: GroupHandler): Promise<GroupConsumer> {
    if (!this.leases.isShared) return this.feed.join(group, handler);
    const join = (tracked: GroupHandler): Promise<GroupConsumer> => this.feed.join(group, tracked);
    const consumer = new LeasedConsumer(`consumer group ${group.name}`, handler, join, this.leases, this.loops);
    await consumer.start();
    return consumer;
  }
}
