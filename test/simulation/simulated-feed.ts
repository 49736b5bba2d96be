import {
  prefixesOf,
  type ConsumerGroup,
  type EventFeed,
  type FeedFilter,
  type FeedItem,
  type FeedStart,
  type FeedSubscription,
  type GroupConsumer,
  type GroupHandler,
} from '../../src/application/ports/event-feed.js';
import type { Random } from './random.js';
import type { SimulatedGroups } from './simulated-groups.js';
import type { SimulatedLog, StoredEvent } from './simulated-log.js';
import type { Owner, VirtualClock } from './virtual-clock.js';

type SubscribeOptions = { readonly from: FeedStart } & FeedFilter;

/** A reading of the log that goes on, and may break. */
class SimulatedSubscription implements FeedSubscription {
  private readonly items: FeedItem[] = [];
  private wake: () => void = () => undefined;
  private fault: Error | undefined;
  private isClosed = false;
  private isPlanned = false;
  private next: number;

  constructor(
    private readonly log: SimulatedLog,
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly owner: Owner,
    { from, ...filter }: SubscribeOptions,
    /** Longest time that an event takes to come, in milliseconds. */
    private readonly slowest: () => number,
  ) {
    this.wanted = prefixesOf(filter);
    this.next = from === 'start' ? 0 : from === 'end' ? log.events.length : Number(from.after);
    log.listeners.push(() => this.plan());
    this.plan();
  }

  private readonly wanted: ReturnType<typeof prefixesOf>;

  break(): void {
    this.clock.plan(0, this.owner, () => {
      this.fault = new Error('the subscription broke');
      this.wake();
    });
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    return Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem, void> {
    for (;;) {
      const item = this.items.shift();
      if (item) yield item;
      else if (this.isClosed) return;
      else if (this.fault) throw this.fault;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private plan(): void {
    if (this.isPlanned || this.isClosed || this.fault || !this.owner.alive) return;
    this.isPlanned = true;
    const lag = this.random.chance(0.2) ? this.random.between(1, this.slowest()) : this.random.between(0.2, 10);
    this.clock.plan(lag, this.owner, () => {
      this.isPlanned = false;
      const { on, prefixes } = this.wanted;
      const nameOf = ({ streamId, type }: StoredEvent): string => (on === 'type' ? type : streamId);
      const events = this.log.events.slice(this.next).filter((event) => prefixes.some((prefix) => nameOf(event).startsWith(prefix)));
      this.next = this.log.events.length;
      if (this.isClosed || this.fault || events.length === 0) return;
      this.items.push({ kind: 'events', events });
      this.wake();
    });
  }
}

/** Deliveries to one process. */
export class SimulatedFeed implements EventFeed {
  private readonly subscriptions: SimulatedSubscription[] = [];

  constructor(
    private readonly log: SimulatedLog,
    private readonly groups: SimulatedGroups,
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly owner: Owner,
    private readonly isEmbedded: boolean,
    private readonly slowest: () => number,
  ) {}

  subscribe(options: SubscribeOptions): FeedSubscription {
    const subscription = new SimulatedSubscription(this.log, this.clock, this.random, this.owner, options, this.slowest);
    this.subscriptions.push(subscription);
    return subscription;
  }

  join(group: ConsumerGroup, handler: GroupHandler): Promise<GroupConsumer> {
    return Promise.resolve(this.groups.join(group, handler, this.owner, this.isEmbedded));
  }

  breakSubscriptions(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.break();
  }
}
