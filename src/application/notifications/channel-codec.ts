import { CHANNEL_EVENT_TYPES, type ChannelEvent } from '../../domain/notification/channel.js';
import { firstShapesOf, readerOf } from '../newer-event.js';

/** Where channels are recorded: never rename. */
export const CHANNELS_STREAM = 'notification-channels';

export const CHANNEL_SHAPES = firstShapesOf(CHANNEL_EVENT_TYPES);

/** A stored event as a fact about a channel; undefined for what is none. @throws NewerEvent */
export const channelEventOf = readerOf<ChannelEvent>((streamId) => streamId === CHANNELS_STREAM, CHANNEL_SHAPES);
