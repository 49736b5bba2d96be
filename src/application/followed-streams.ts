import { setTimeout as delay } from 'node:timers/promises';
import type { BackgroundLoops } from './background-loops.js';
import { messageOf } from './message-of.js';
import type { EventFeed, FeedFilter, FeedSubscription } from './ports/event-feed.js';
import type { RecordedEvent } from './ports/event-log.js';

/** Pause before the feed is subscribed to again after it broke, in milliseconds. */
const PAUSE_MS = 1_000;

export interface FollowedStreamsOptions {
  readonly filter: FeedFilter;
  /** As it is named where it stands still. */
  readonly loop: string;
  /** One that throws, or rejects, is given the same event again. */
  readonly take: (recorded: RecordedEvent) => void | Promise<void>;
}

/** Hands on what comes into streams from a position on, for as long as the engine runs. A broken feed is taken up again where it broke. */
export class FollowedStreams {
  private readonly closed = new AbortController();
  private subscription: FeedSubscription | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly feed: EventFeed,
    private readonly loops: BackgroundLoops,
    private readonly options: FollowedStreamsOptions,
  ) {}

  /** @param after log position after which events are handed on */
  follow(after: bigint): void {
    this.work = this.run(after);
  }

  async close(): Promise<void> {
    this.closed.abort();
    await this.subscription?.close();
    await this.work;
  }

  private async run(after: bigint): Promise<void> {
    const { filter, loop, take } = this.options;
    let position = after;
    while (!this.closed.signal.aborted) {
      this.subscription = this.feed.subscribe({ from: { after: position }, ...filter });
      try {
        for await (const item of this.subscription) {
          this.loops.goesOn(loop);
          if (item.kind === 'caught-up') continue;
          if (item.kind === 'checkpoint') position = item.position;
          else
            for (const recorded of item.events) {
              const taken = take(recorded);
              if (taken) await taken;
              position = recorded.position;
            }
        }
        return;
      } catch (error) {
        if (this.closed.signal.aborted) return;
        this.loops.standsStill(loop, messageOf(error));
        await delay(PAUSE_MS, undefined, { signal: this.closed.signal }).catch(() => undefined);
      }
    }
  }
}
