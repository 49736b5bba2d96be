import { followAll, prefixFilter, type StreamLog, type SubscriptionStart } from '@lifeos/event-store-node';
import { messageOf } from '../../../application/message-of.js';
import { prefixesOf, type FeedFilter, type FeedItem, type FeedSubscription } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import { recordedEvent } from './recorded-events.js';

/** Records looked at in one go, and passed over between two checkpoints. */
const WINDOW = 256;

/** A catch-up subscription at the log itself: read at the pace at which it is iterated, woken by each append. */
export class InProcessSubscription implements FeedSubscription {
  readonly #closed = new AbortController();

  constructor(
    private readonly streams: StreamLog,
    private readonly start: SubscriptionStart,
    private readonly filter: FeedFilter,
    private readonly onClose: (subscription: InProcessSubscription) => void,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem, void> {
    const { signal } = this.#closed;
    const { on, prefixes } = prefixesOf(this.filter);
    const filtered = { filter: prefixFilter(on, prefixes), window: WINDOW, checkpointEvery: WINDOW };
    try {
      for await (const message of followAll(this.streams, this.start, filtered, signal)) {
        if (signal.aborted) return;
        if (message.kind === 'events') {
          yield { kind: 'events', events: message.events.map(recordedEvent) };
        } else {
          yield message.kind === 'caught-up' ? message : { kind: 'checkpoint', position: BigInt(message.position) };
        }
      }
    } catch (fault) {
      if (signal.aborted) return;
      throw new EventLogUnavailable(`the subscription broke: ${messageOf(fault)}`, { cause: fault });
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort();
      this.onClose(this);
    }
    return Promise.resolve();
  }
}
