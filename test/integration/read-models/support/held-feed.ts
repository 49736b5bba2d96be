import type { EventFeed, FeedItem, FeedStart, FeedSubscription } from '../../../../src/application/ports/event-feed.js';

/** A feed that holds back what follows the first events, of those who read the log from a place before the given one, until it is let go. */
export class HeldFeed implements EventFeed {
  /** Where subscriptions began. */
  readonly starts: FeedStart[] = [];
  readonly join: EventFeed['join'];
  letGo!: () => void;
  private readonly gate: Promise<void>;

  constructor(
    private readonly feed: EventFeed,
    private readonly before: bigint,
  ) {
    this.join = (group, handler) => feed.join(group, handler);
    this.gate = new Promise((resolve) => (this.letGo = resolve));
  }

  subscribe(options: Parameters<EventFeed['subscribe']>[0]): FeedSubscription {
    const { from } = options;
    this.starts.push(from);
    const subscription = this.feed.subscribe(options);
    const isHeld = from !== 'end' && (from === 'start' ? 0n : from.after) < this.before;
    return isHeld ? this.held(subscription) : subscription;
  }

  private held(subscription: FeedSubscription): FeedSubscription {
    let close!: () => void;
    const closed = new Promise<void>((resolve) => (close = resolve));
    const { gate } = this;
    return {
      close: () => {
        close();
        return subscription.close();
      },
      async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem> {
        let count = 0;
        for await (const item of subscription) {
          if (count > 0) await Promise.race([gate, closed]);
          if (item.kind === 'events') count += item.events.length;
          yield item;
        }
      },
    };
  }
}
