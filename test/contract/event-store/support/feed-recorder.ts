import type { FeedItem, FeedSubscription } from '../../../../src/application/ports/event-feed.js';
import type { RecordedEvent } from '../../../../src/application/ports/event-log.js';

/** Iterates a subscription in the background and keeps what it delivers. */
export class FeedRecorder {
  readonly items: FeedItem[] = [];
  readonly ended: Promise<void>;

  constructor(private readonly subscription: FeedSubscription) {
    this.ended = this.#record();
  }

  get events(): RecordedEvent[] {
    return this.items.flatMap((item) => (item.kind === 'events' ? [...item.events] : []));
  }

  get caughtUp(): boolean {
    return this.items.some(({ kind }) => kind === 'caught-up');
  }

  async close(): Promise<void> {
    await this.subscription.close();
    await this.ended;
  }

  async #record(): Promise<void> {
    for await (const item of this.subscription) this.items.push(item);
  }
}
