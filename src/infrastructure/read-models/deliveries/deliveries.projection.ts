import { In, type EntityManager } from 'typeorm';
import type { DeliveryTry } from '../../../application/ports/read-models.js';
import type { DeliveryEvent, TryOutcome } from '../../../domain/notification/delivery.js';
import type { ProjectedDeliveryEvent, Projection } from '../projection/projection.js';
import { DeliveryRow } from './delivery.row.js';

/** Tries that a row tells of. */
const MOST_TRIES = 50;

function planned(
  { deliveryId, channelId, at, notification, dueAt, digestId }: DeliveryEvent<'DeliveryPlanned'>['data'],
  place: bigint,
): DeliveryRow {
  const { type, title, data } = notification;
  const workflowId = typeof data['workflow_id'] === 'number' ? data['workflow_id'] : null;
  return {
    ...{ deliveryId, place: Number(place), revision: 0, channelId, type, title, workflowId },
    ...{ state: digestId === undefined ? 'pending' : 'in_digest', digestId: digestId ?? null, plannedAt: at },
    ...{ dueAt: digestId === undefined ? dueAt : null, deliveredAt: null, reason: null, tries: [] },
  };
}

const ended = (
  { tries }: DeliveryRow,
  { at, try: number, statusCode, error }: TryOutcome & { readonly at: string; readonly try: number },
): readonly DeliveryTry[] =>
  tries.map((one) => (one.try === number ? { ...one, endedAt: at, statusCode: statusCode ?? null, error: error ?? null } : one));

/** What an event says of a delivery that is there. */
function changeOf({ type, data }: DeliveryEvent, row: DeliveryRow): Partial<DeliveryRow> {
  switch (type) {
    case 'DeliveryPlanned':
    case 'NotificationAdded':
      return {};
    case 'DeliveryTryBegun': {
      const begun = { try: data.try, begunAt: data.at, endedAt: null, statusCode: null, error: null };
      return { state: 'sending', dueAt: data.until, tries: [...row.tries, begun].slice(-MOST_TRIES) };
    }
    case 'DeliveryFailed':
      return { state: 'pending', dueAt: data.nextAt, tries: ended(row, data) };
    case 'DeliverySucceeded':
      return { state: 'delivered', dueAt: null, deliveredAt: data.at, reason: null, tries: ended(row, data) };
    case 'DeliveryGivenUp':
      return { state: 'given_up', dueAt: null, reason: data.reason, tries: ended(row, data) };
    case 'RedeliveryRequested':
      return { state: 'pending', dueAt: data.at, reason: null };
    default:
      return type satisfies never;
  }
}

async function storedRows(ids: ReadonlySet<string>, manager: EntityManager): Promise<Map<string, DeliveryRow>> {
  if (ids.size === 0) return new Map();
  return new Map((await manager.findBy(DeliveryRow, { deliveryId: In([...ids]) })).map((row) => [row.deliveryId, row]));
}

/** Messages to channels, with what their tries came to. */
export const deliveriesProjection: Projection<'deliveries'> = {
  name: 'deliveries',
  version: 1,
  rows: [DeliveryRow],
  async fold(_batch, changes, manager, _ofSchedules, ofDeliveries: readonly ProjectedDeliveryEvent[]) {
    const rows = await storedRows(new Set(ofDeliveries.map(({ deliveryEvent }) => deliveryEvent.data.deliveryId)), manager);
    for (const { deliveryEvent, revision, position } of ofDeliveries) {
      const { deliveryId } = deliveryEvent.data;
      const row = rows.get(deliveryId);
      if (!row && deliveryEvent.type === 'DeliveryPlanned') rows.set(deliveryId, planned(deliveryEvent.data, position));
      else if (row && revision > row.revision) rows.set(deliveryId, { ...row, revision, ...changeOf(deliveryEvent, row) });
    }
    changes.put(DeliveryRow, [...rows.values()]);
  },
};
