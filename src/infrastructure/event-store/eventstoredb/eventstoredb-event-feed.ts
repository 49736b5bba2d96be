import type { ConsumerGroup, EventFeed, FeedSubscription, GroupConsumer, GroupHandler } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable, type EventLog } from '../../../application/ports/event-log.js';
import type { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import { Backoff } from '../shared/backoff.js';
import { CatchUpSubscription, type CatchUpOptions } from './catch-up-subscription.js';
import type { ClientSource } from './client-source.js';
import { isLasting } from './faults.js';
import { GroupMember } from './group-member.js';
import { DEFAULT_TIMINGS, type EventStoreDbTimings } from './timings.js';

interface Closable {
  close(): Promise<void>;
}

/**
 * Deliveries of an EventStoreDB's events. Given a client source of its own: subscriptions live as long as the process, and servers allow a connection only so
 * many calls at once (100 by default), which appends should not have to share with them.
 */
export class EventStoreDbEventFeed implements EventFeed {
  readonly #open = new Set<Closable>();

  constructor(
    private readonly clients: ClientSource,
    private readonly log: Pick<EventLog, 'headPosition'>,
    private readonly logger: Logger,
    private readonly loops: BackgroundLoops,
    private readonly timings: EventStoreDbTimings = DEFAULT_TIMINGS,
  ) {}

  /** The subscription may be iterated once. See CatchUpSubscription for what 'end' means. */
  subscribe(options: CatchUpOptions): FeedSubscription {
    const head = (closed: AbortSignal) => this.#headPosition(closed);
    const subscription = new CatchUpSubscription(options, this.clients, head, this.timings, this.logger, (closed) =>
      this.#open.delete(closed),
    );
    this.#open.add(subscription);
    return subscription;
  }

  /**
   * The group is made if there is none, and given the asked settings if it has others. Its event types are fixed for ever when it is made: a group that is to
   * see other types needs another name.
   */
  async join(group: ConsumerGroup, handler: GroupHandler): Promise<GroupConsumer> {
    const entry: Closable = { close: () => member.abandon() };
    const member = new GroupMember(group, handler, this.clients, this.timings, this.logger, this.loops, () => this.#open.delete(entry));
    this.#open.add(entry);
    try {
      await member.join();
      return member;
    } catch (fault) {
      this.#open.delete(entry);
      throw fault;
    }
  }

  /** Ends all subscriptions and leaves all groups, at once. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((open) => open.close()));
  }

  /** However long it takes: a subscription waits for the store as it does when it reconnects. */
  async #headPosition(closed: AbortSignal): Promise<bigint> {
    const backoff = new Backoff({ firstMs: this.timings.firstPauseMs, longestMs: this.timings.longestPauseMs });
    for (;;) {
      try {
        return await this.log.headPosition();
      } catch (fault) {
        if (closed.aborted || (fault instanceof EventLogUnavailable && isLasting(fault.cause))) throw fault;
        await backoff.pause(closed);
      }
    }
  }
}
