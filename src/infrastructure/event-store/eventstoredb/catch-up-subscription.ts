import {
  eventTypeFilter,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import {
  prefixesOf,
  type FeedFilter,
  type FeedItem,
  type FeedStart,
  type FeedSubscription,
} from '../../../application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import { Backoff } from '../shared/backoff.js';
import type { ClientSource } from './client-source.js';
import { toRecordedEvent } from './codec.js';
import { isLasting, NoAnswer } from './faults.js';
import type { EventStoreDbTimings } from './timings.js';

export type CatchUpOptions = { readonly from: FeedStart } & FeedFilter;

/** Stands in the subscription's own stream of events for what the client tells by callback: so it is delivered in its place among them. */
class Mark {
  constructor(readonly item: Exclude<FeedItem, { kind: 'events' }>) {}
}

/** Events that wait in the client for a slow consumer; then the client stops reading and the server stops sending. */
const BUFFERED_ITEMS = 128;
/** A checkpoint each time this many events of other streams were passed over (1 × the server's page of 32 would be one per 32 events). */
const CHECKPOINT_EVERY_PAGES = 8;

/**
 * One catch-up subscription over any number of connections. To be iterated once. Each new connection starts after the last item that the consumer was
 * given, so there is neither gap nor duplicate; `caught-up` repeats per connection.
 *
 * From 'end': the head is asked for as soon as `subscribe` is called, and that answer is the start over all reconnects. What is appended after the first
 * `caught-up` was delivered is certainly delivered; what is appended while the question is under way may fall before or after the start. A consumer that
 * needs a sharper edge asks `EventLog.headPosition()` first and subscribes after it.
 */
export class CatchUpSubscription implements FeedSubscription {
  readonly #closed = new AbortController();
  readonly #start: Promise<Position | 'start'>;
  /** Where the consumer is; undefined until the start is known. */
  #after: Position | 'start' | undefined;
  #connection: AllStreamSubscription | undefined;

  constructor(
    private readonly options: CatchUpOptions,
    private readonly clients: ClientSource,
    headPosition: (signal: AbortSignal) => Promise<bigint>,
    private readonly timings: EventStoreDbTimings,
    private readonly logger: Logger,
    private readonly onClose: (subscription: CatchUpSubscription) => void,
  ) {
    this.#start = resolveStart(options.from, () => headPosition(this.#closed.signal));
    this.#start.catch(() => undefined); // told to the consumer when it iterates
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem, void> {
    const backoff = new Backoff({ firstMs: this.timings.firstPauseMs, longestMs: this.timings.longestPauseMs });
    let lost = false;
    try {
      this.#after ??= await this.#start;
      while (!this.#closed.signal.aborted) {
        const client = this.clients.get();
        try {
          for await (const item of this.#connect(client, this.#after)) {
            backoff.reset();
            lost = false;
            yield item;
          }
          throw new Error('the server ended it');
        } catch (fault) {
          if (this.#closed.signal.aborted) return;
          if (isLasting(fault)) throw new EventLogUnavailable(`the subscription broke: ${this.clients.describe(fault)}`, { cause: fault });
          this.clients.replace(client);
          // Once per outage, however many tries it takes.
          if (!lost)
            this.logger.warn(
              `subscription to ${prefixesOf(this.options).prefixes.join('*, ')}* lost, reconnecting: ${this.clients.describe(fault)}`,
            );
          lost = true;
        }
        await backoff.pause(this.#closed.signal);
      }
    } catch (fault) {
      if (!this.#closed.signal.aborted) throw fault;
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort();
      this.#disconnect(this.#connection);
      this.onClose(this);
    }
    return Promise.resolve();
  }

  async *#connect(client: EventStoreDBClient, after: Position | 'start'): AsyncGenerator<FeedItem, void> {
    const { on, prefixes } = prefixesOf(this.options);
    const filter = (on === 'type' ? eventTypeFilter : streamNameFilter)({
      prefixes: [...prefixes],
      checkpointInterval: CHECKPOINT_EVERY_PAGES,
      // Only pushes, so cannot throw: the client does not catch an exception of this callback, and would never ask for the next event.
      checkpointReached: (reached, { commit }) => void reached.push(new Mark({ kind: 'checkpoint', position: commit })),
    });
    const connection = client.subscribeToAll({ fromPosition: after, filter }, { highWaterMark: BUFFERED_ITEMS });
    this.#connection = connection;
    // The client emits errors at any time, and one that nobody listens to would end the process.
    connection.on('error', () => undefined);
    connection.on('caughtUp', () => void connection.push(new Mark({ kind: 'caught-up' })));
    const { tryMs } = this.timings;
    const timer = setTimeout(() => connection.destroy(new NoAnswer(`not confirmed within ${tryMs} ms`)), tryMs);
    connection.once('confirmation', () => clearTimeout(timer));
    try {
      for await (const received of connection as AsyncIterable<AllStreamResolvedEvent | Mark>) {
        const item = received instanceof Mark ? received.item : itemOf(received);
        if (!item || !this.#advance(item)) continue;
        yield item;
      }
    } finally {
      clearTimeout(timer);
      this.#disconnect(connection);
    }
  }

  /** Moves on to the item. False for what was delivered before. */
  #advance(item: FeedItem): boolean {
    if (item.kind === 'caught-up') return true;
    const position = item.kind === 'events' ? item.events.at(-1)!.position : item.position;
    if (this.#after !== undefined && this.#after !== 'start' && position <= this.#after.commit) return false;
    this.#after = { commit: position, prepare: position };
    return true;
  }

  #disconnect(connection: AllStreamSubscription | undefined): void {
    // Both are needed: unsubscribing ends the call without a word to whoever iterates, destroying ends the iteration and leaves the call open.
    connection?.unsubscribe().catch(() => undefined);
    connection?.destroy();
  }
}

async function resolveStart(from: FeedStart, headPosition: () => Promise<bigint>): Promise<Position | 'start'> {
  if (from === 'start') return 'start';
  const position = from === 'end' ? await headPosition() : from.after;
  // 0n is the head of an empty log, before everything; no event of a stream lies there.
  return position === 0n ? 'start' : { commit: position, prepare: position };
}

const itemOf = ({ event, commitPosition }: AllStreamResolvedEvent): FeedItem | undefined =>
  event && { kind: 'events', events: [toRecordedEvent(event, commitPosition)] };
