import { createHash } from 'node:crypto';
import { isDeliveryEventType, type DeliveryEvent } from '../../domain/notification/delivery.js';
import type { RecordedEvent } from '../ports/event-log.js';

/** Streams of deliveries: never rename. */
export const DELIVERY_STREAM_PREFIX = 'delivery-';

export const deliveryStream = (deliveryId: string): string => `${DELIVERY_STREAM_PREFIX}${deliveryId}`;

/** Digits of a delivery's id: 128 bits. */
const ID_LENGTH = 32;
const STREAM = /^delivery-msg_[0-9a-f]{32}$/;

/** The id of the message about one thing to one channel, whoever reckons it and how often. */
export const deliveryIdOf = (channelId: number, ...about: readonly (string | number)[]): string =>
  `msg_${createHash('sha256')
    .update([channelId, ...about].join('\n'))
    .digest('hex')
    .slice(0, ID_LENGTH)}`;

/** A stored event as a fact about a delivery; undefined for what is none. */
export function deliveryEventOf({ streamId, type, data }: RecordedEvent): DeliveryEvent | undefined {
  if (!isDeliveryEventType(type) || !STREAM.test(streamId)) return undefined;
  return { type, data } as unknown as DeliveryEvent;
}
