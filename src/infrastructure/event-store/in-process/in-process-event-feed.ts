import type { ConsumerGroups, StreamLog, SubscriptionStart } from '@lifeos/event-store-node';
import type {
  ConsumerGroup,
  EventFeed,
  FeedFilter,
  FeedStart,
  FeedSubscription,
  GroupConsumer,
  GroupHandler,
} from '../../../application/ports/event-feed.js';
import type { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { ConsumerPauses } from './in-process-consumer.js';
import { InProcessConsumer } from './in-process-consumer.js';
import type { InProcessEventLog } from './in-process-event-log.js';
import { InProcessSubscription } from './in-process-subscription.js';

/** Deliveries of the events of a node in this thread. */
export class InProcessEventFeed implements EventFeed {
  readonly #subscriptions = new Set<InProcessSubscription>();
  readonly #consumers = new Set<InProcessConsumer>();

  constructor(
    private readonly streams: StreamLog,
    private readonly groups: ConsumerGroups,
    private readonly log: InProcessEventLog,
    private readonly pauses: ConsumerPauses,
    private readonly logger: Logger,
    private readonly loops: BackgroundLoops,
  ) {}

  subscribe({ from, ...filter }: { readonly from: FeedStart } & FeedFilter): FeedSubscription {
    const onClose = (closed: InProcessSubscription) => this.#subscriptions.delete(closed);
    const subscription = new InProcessSubscription(this.streams, this.#startOf(from), filter, onClose);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async join(group: ConsumerGroup, handler: GroupHandler): Promise<GroupConsumer> {
    const onLeave = (left: InProcessConsumer) => this.#consumers.delete(left);
    const consumer = new InProcessConsumer(group, handler, this.groups, this.pauses, this.logger, this.loops, onLeave);
    this.#consumers.add(consumer);
    try {
      await consumer.join();
      return consumer;
    } catch (fault) {
      this.#consumers.delete(consumer);
      throw fault;
    }
  }

  /** Ends all subscriptions and leaves all groups, at once. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await Promise.all([...this.#consumers].map((consumer) => consumer.abandon()));
  }

  #startOf(from: FeedStart): SubscriptionStart {
    if (from === 'start') return 'start';
    const after = from === 'end' ? this.log.lastRecord()?.position : Number(from.after);
    return after === undefined || (from !== 'end' && after === 0) ? 'start' : { after };
  }
}
