import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../message-of.js';
import type { BackgroundLoops } from '../background-loops.js';
import { nameNewer } from '../newer-event.js';
import type { EventFeed, FeedItem, FeedSubscription } from '../ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../ports/event-log.js';
import { isAboutRun, WORKFLOW_STREAM_PREFIX } from '../workflow/workflow-codec.js';
import type { TimelineBuffer } from './timeline-buffer.js';

/** Of which events a follower is told. */
export type Topic = { readonly streamId: string } | 'all-runs';

/** As it is named where it stands still. */
const LOOP = 'live timelines';
/** Before a feed that broke is taken up again, in milliseconds. */
const PAUSE_MS = 1_000;

/** What happens in runs from the start on, for any number of followers over one subscription of the process. */
export class LiveEvents {
  readonly #ofStream = new Map<string, Set<TimelineBuffer>>();
  readonly #ofAll = new Set<TimelineBuffer>();
  #subscription: FeedSubscription | undefined;
  #fanOut: Promise<void> = Promise.resolve();
  #position = 0n;
  #stopped = false;
  readonly #ended = new AbortController();

  constructor(
    private readonly log: EventLog,
    private readonly feed: EventFeed,
    private readonly loops: BackgroundLoops,
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
    this.#fanOut = this.#fanOutUntilStopped();
  }

  /** Ends all followers. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ended.abort();
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

  /** A feed that breaks for good ends the followers, who come back; it is taken up again where it broke, as soon as that is possible. */
  async #fanOutUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      this.#subscription = this.feed.subscribe({ from: { after: this.#position }, streamPrefix: WORKFLOW_STREAM_PREFIX });
      try {
        for await (const item of this.#subscription) {
          this.loops.goesOn(LOOP);
          this.#take(item);
        }
        break; // it was closed on purpose, with everything else that uses the store
      } catch (fault) {
        this.loops.standsStill(LOOP, messageOf(fault));
      }
      if (this.#stopped) break;
      this.#finishAll(); // followers come back
      await delay(PAUSE_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
    this.#stopped = true;
    this.#finishAll();
    this.loops.isOver(LOOP);
  }

  #take(item: FeedItem): void {
    if (item.kind === 'checkpoint') this.#position = item.position;
    if (item.kind !== 'events') return;
    for (const event of item.events) {
      this.#nameIfNewer(event);
      for (const buffer of this.#ofStream.get(event.streamId) ?? []) buffer.offer(event);
      for (const buffer of this.#ofAll) buffer.offer(event);
      this.#position = event.position;
    }
  }

  /** Who follows it breaks off there, and comes back; nobody is told what comes after it as if it were not there. */
  #nameIfNewer(event: RecordedEvent): void {
    try {
      isAboutRun(event);
    } catch (fault) {
      if (!nameNewer(fault, this.loops)) throw fault;
    }
  }

  #finishAll(): void {
    for (const buffers of [this.#ofAll, ...this.#ofStream.values()]) for (const buffer of buffers) buffer.finish();
  }
}
