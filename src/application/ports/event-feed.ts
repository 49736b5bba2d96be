import type { RecordedEvent } from './event-log.js';

/** Where a catch-up subscription begins: before the first event, after all there are now, or after a position. */
export type FeedStart = 'start' | 'end' | { readonly after: bigint };

/** Events of streams, or of types, whose names begin so. */
export type FeedFilter = { readonly streamPrefix: string | readonly string[] } | { readonly typePrefix: string | readonly string[] };

/** What a filter says. */
export const prefixesOf = (filter: FeedFilter): { readonly on: 'stream' | 'type'; readonly prefixes: readonly string[] } =>
  'typePrefix' in filter ? { on: 'type', prefixes: [filter.typePrefix].flat() } : { on: 'stream', prefixes: [filter.streamPrefix].flat() };

export type FeedItem =
  /** One or more, in order: as many as were at hand. */
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  /** Everything up to `position` was considered (events of other streams are passed over). */
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  /** All events that existed when the subscription (re)started are delivered; what follows is live. May repeat. */
  | { readonly kind: 'caught-up' };

/** A live, endless reading of the log. Iterating ends after `close()`, or throws when the subscription breaks for good. */
export interface FeedSubscription extends AsyncIterable<FeedItem> {
  close(): Promise<void>;
}

/**
 * What became of a delivered event: done; deliver again; put it aside in the store, with the reason, where it keeps nobody waiting: it is delivered again when a consumer joins the group, and
 * now and then.
 */
export type Verdict =
  { readonly kind: 'ack' } | { readonly kind: 'retry'; readonly reason: string } | { readonly kind: 'park'; readonly reason: string };

export interface Delivery {
  readonly event: RecordedEvent;
  /** How often it was delivered before. */
  readonly retryCount: number;
}

export interface ConsumerGroup {
  /** The group's name, under which the store keeps its checkpoint: never rename. */
  readonly name: string;
  /** Where it begins if it has to be made: with the event at this log position. Absent: with the log. */
  readonly from?: bigint;
  /**
   * Groups that had these events before, under other names: one that has to be made begins where the least far of them had got to. With the log where one of them is not there, or has put
   * something aside, which would be left there.
   */
  readonly replaces?: readonly string[];
  /** Exact event types. */
  readonly eventTypes: readonly string[];
  /** Deliveries in work at once in this process. */
  readonly bufferSize: number;
  /** A delivery without a verdict for longer is delivered again, in milliseconds; 0 = never. */
  readonly messageTimeoutMs: number;
  /** Deliveries after which the store parks an event by itself. */
  readonly maxRetryCount: number;
  /** Who gets an event: whoever has a free place, one after the other (default), or always the same consumer for events of one stream. */
  readonly strategy?: 'round-robin' | 'by-stream';
}

export interface GroupHandler {
  /** Deals with a delivery. */
  deliver(delivery: Delivery): Promise<Verdict>;
  /** Whether the event is dealt with already, as far as this process knows without asking: then it need not be delivered, where the store asks. */
  isSettled?(event: RecordedEvent): boolean;
}

export interface GroupConsumer {
  /**
   * Says that this process is at work on an event that is about to be appended: its delivery goes to nobody else, as long as the consumer is connected, and has the
   * verdict that is to come. Answers with how to take that back. Missing where the store hands out events without asking.
   */
  readonly claim?: ((eventId: string, verdict: Promise<Verdict>) => () => void) | undefined;
  /** No further deliveries are handed to the handler. Waits until those in work have their verdicts, then disconnects. */
  stop(): Promise<void>;
  /** Disconnects at once; deliveries in work go to another consumer. */
  abandon(): Promise<void>;
}

/** Deliveries of the log's events. Both kinds reconnect by themselves after a fault, from where they were. */
export interface EventFeed {
  /** Catch-up subscription to the whole log, restricted to what begins with the prefix, or one of several. Reconnects from the last delivered position. */
  subscribe(options: { readonly from: FeedStart } & FeedFilter): FeedSubscription;
  /**
   * Joins a group of competing consumers over the whole log (made if it does not exist, from the log's start). The handler is asked for up to `bufferSize`
   * deliveries at once; its verdict is sent when its promise settles; a rejected promise counts as `retry`. Delivered at least once.
   * Resolves once the consumer is connected.
   */
  join(group: ConsumerGroup, handler: GroupHandler): Promise<GroupConsumer>;
}

export const EVENT_FEED = Symbol('EventFeed');
