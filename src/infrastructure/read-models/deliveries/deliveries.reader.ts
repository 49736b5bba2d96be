import type {
  DeliveriesReader,
  DeliveryFilter,
  DeliveryView,
  DueDelivery,
  Page,
  PageRequest,
} from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { DeliveryRow } from './delivery.row.js';

const viewOf = ({ revision: _revision, place: _place, ...view }: DeliveryRow): DeliveryView => view;

export class DatabaseDeliveriesReader implements DeliveriesReader {
  constructor(private readonly database: Database) {}

  list({ state, channelId }: DeliveryFilter, { cursor, limit }: PageRequest): Promise<Page<DeliveryView>> {
    return translateFaults(async () => {
      const query = this.database.source.manager
        .createQueryBuilder(DeliveryRow, 'delivery')
        .orderBy('delivery.place', 'DESC')
        .limit(limit + 1);
      if (state !== undefined) query.andWhere('delivery.state = :state', { state });
      if (channelId !== undefined) query.andWhere('delivery.channel_id = :channelId', { channelId });
      if (cursor !== undefined) query.andWhere('delivery.place < :before', { before: keyOf(cursor, 1)[0] });
      return pageOf(await query.getMany(), limit, ({ place }) => [place], viewOf);
    });
  }

  due(
    heldChannels: readonly number[],
    disabledChannels: readonly number[],
    exceptDeliveries: readonly string[],
    limit: number,
  ): Promise<readonly DueDelivery[]> {
    return translateFaults(async () => {
      const rows = await this.database.source.manager
        .createQueryBuilder(DeliveryRow, 'delivery')
        .select(['delivery.deliveryId', 'delivery.channelId', 'delivery.dueAt'])
        .where('delivery.due_at IS NOT NULL')
        .andWhere('delivery.channel_id <> ALL(CAST(:heldChannels AS bigint[]))', { heldChannels: [...heldChannels] })
        .andWhere(`(delivery.type = 'test' OR delivery.channel_id <> ALL(CAST(:disabledChannels AS bigint[])))`, {
          disabledChannels: [...disabledChannels],
        })
        .andWhere('delivery.delivery_id <> ALL(CAST(:exceptDeliveries AS text[]))', { exceptDeliveries: [...exceptDeliveries] })
        .orderBy('delivery.due_at', 'ASC')
        .addOrderBy('delivery.place', 'ASC')
        .limit(limit)
        .getMany();
      return rows.map(({ deliveryId, channelId, dueAt }) => ({ deliveryId, channelId, dueAt: dueAt! }));
    });
  }

  lastSuccessAt(channelId: number): Promise<string | null> {
    return translateFaults(async () => {
      const [row] = await this.database.source.manager.query<readonly { readonly last: string | null }[]>(
        'SELECT max(delivered_at) AS last FROM deliveries WHERE channel_id = $1',
        [channelId],
      );
      return row?.last ?? null;
    });
  }
}
