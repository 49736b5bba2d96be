import { createHash } from 'node:crypto';
import { DELIVERY_EVENT_TYPES, type DeliveryEvent } from '../../domain/notification/delivery.js';
import { firstShapesOf, readerOf } from '../newer-event.js';

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

export const DELIVERY_SHAPES = firstShapesOf(DELIVERY_EVENT_TYPES);

/** A stored event as a fact about a delivery; undefined for what is none: another stream, or not the engine's own. @throws NewerEvent */
export const deliveryEventOf = readerOf<DeliveryEvent>((streamId) => STREAM.test(streamId), DELIVERY_SHAPES);
