import type {
  DeliveriesReader,
  DueDelivery,
  Page,
  DeliveryView,
  ReadModelProgress,
} from '../../../../src/application/ports/read-models.js';
import { DELIVERY_STREAM_PREFIX, deliveryEventOf } from '../../../../src/application/notifications/delivery-codec.js';
import { evolveDelivery, type Delivery, type DeliveryEvent } from '../../../../src/domain/notification/delivery.js';
import type { TestStore } from '../../support/test-store.js';

/** The read model as the fold of a log has it at the moment of asking. */
export class FoldedDeliveries implements DeliveriesReader, ReadModelProgress {
  constructor(private readonly store: () => TestStore) {}

  /** Every event of deliveries to the channel, in the order of the log. */
  async events(channelId: number): Promise<readonly DeliveryEvent[]> {
    const subscription = this.store().feed.subscribe({ from: 'start', streamPrefix: DELIVERY_STREAM_PREFIX });
    const found: DeliveryEvent[] = [];
    for await (const item of subscription) {
      if (item.kind === 'caught-up') break;
      if (item.kind !== 'events') continue;
      for (const recorded of item.events) {
        const event = deliveryEventOf(recorded);
        if (event?.data.channelId === channelId) found.push(event);
      }
    }
    await subscription.close();
    return found;
  }

  async of(channelId: number): Promise<readonly Delivery[]> {
    const folded = new Map<string, Delivery>();
    for (const event of await this.events(channelId)) {
      const { deliveryId } = event.data;
      folded.set(deliveryId, evolveDelivery(folded.get(deliveryId), event)!);
    }
    return [...folded.values()];
  }

  /** The one channel that it shows. */
  only = 0;

  async due(
    held: readonly number[],
    disabled: readonly number[],
    except: readonly string[],
    limit: number,
  ): Promise<readonly DueDelivery[]> {
    return (await this.of(this.only))
      .filter(({ deliveryId, channelId, dueAt, notification }) => {
        const isHeld = held.includes(channelId) || (disabled.includes(channelId) && notification.type !== 'test');
        return dueAt !== null && !isHeld && !except.includes(deliveryId);
      })
      .map(({ deliveryId, channelId, dueAt }) => ({ deliveryId, channelId, dueAt: dueAt! }))
      .sort((one, other) => one.dueAt.localeCompare(other.dueAt))
      .slice(0, limit);
  }

  async lastSuccessAt(channelId: number): Promise<string | null> {
    const times = (await this.events(channelId)).flatMap(({ type, data }) => (type === 'DeliverySucceeded' ? [data.at] : []));
    return times.sort().at(-1) ?? null;
  }

  list(): Promise<Page<DeliveryView>> {
    return Promise.reject(new Error('not asked'));
  }

  waitFor(): Promise<boolean> {
    return Promise.resolve(true);
  }

  position(): Promise<bigint> {
    return Promise.resolve(0n);
  }

  onCommit(): () => void {
    return () => undefined;
  }
}
