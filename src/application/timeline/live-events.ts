import type { EventFeed, FeedSubscription } from '../ports/event-feed.js';
import type { EventLog } from '../ports/event-log.js';
import type { Logger } from '../ports/logger.js';
import { WORKFLOW_STREAM_PREFIX } from '../workflow/workflow-codec.js';
import type { TimelineBuffer } from './timeline-buffer.js';

/** Of which events a follower is told. */
export type Topic = { readonly streamId: string } | 'all-runs';

/** What happens in runs from the start on, for any number of followers over one subscription of the process. */
export class LiveEvents {
  readonly #ofStream = new Map<string, Set<TimelineBuffer>>();
  readonly #ofAll = new Set<TimelineBuffer>();
  #subscription: FeedSubscription | undefined;
  #fanOut: Promise<void> = Promise.resolve();
  #position = 0n;
  #stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly feed: EventFeed,
    private readonly logger: Logger,
  ) {}

  /** Log position up to which every event was offered to those who listened: whoever begins to listen is offered all that lies after it. */
  get position(): bigint {
    return this.#position;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** To be awaited before anybody listens. @throws EventLogUnavailable */
  async start(): Promise<void> {
    // A definite position: whatever is appended from here on is delivered, over any reconnects.
    this.#position = await this.log.headPosition();
    this.#subscription = this.feed.subscribe({ from: { after: this.#position }, streamPrefix: WORKFLOW_STREAM_PREFIX });
    this.#fanOut = this.#fanOutFrom(this.#subscription);
  }

  /** Ends all followers. */
  async stop(): Promise<void> {
    this.#finishAll();
    await this.#subscription?.close();
    await this.#fanOut;
  }

  /** Offers events to the buffer from now on. Returns how to stop that. */
  listen(topic: Topic, buffer: TimelineBuffer): () => void {
    if (topic === 'all-runs') {
      this.#ofAll.add(buffer);
      return () => this.#ofAll.delete(buffer);
    }
    const { streamId } = topic;
    const buffers = this.#ofStream.get(streamId) ?? new Set();
    this.#ofStream.set(streamId, buffers.add(buffer));
    return () => {
      buffers.delete(buffer);
      if (buffers.size === 0 && this.#ofStream.get(streamId) === buffers) this.#ofStream.delete(streamId);
    };
  }

  async #fanOutFrom(subscription: FeedSubscription): Promise<void> {
    try {
      for await (const item of subscription) {
        if (item.kind === 'checkpoint') this.#position = item.position;
        if (item.kind !== 'events') continue;
        for (const event of item.events) {
          for (const buffer of this.#ofStream.get(event.streamId) ?? []) buffer.offer(event);
          for (const buffer of this.#ofAll) buffer.offer(event);
          this.#position = event.position;
        }
      }
      if (!this.#stopped) this.logger.warn('live timelines ended: the feed was closed');
    } catch (fault) {
      this.logger.error(`live timelines ended: the feed broke: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
    this.#finishAll(); // followers come back to a working engine, or nowhere
  }

  #finishAll(): void {
    this.#stopped = true;
    for (const buffers of [this.#ofAll, ...this.#ofStream.values()]) for (const buffer of buffers) buffer.finish();
  }
}
