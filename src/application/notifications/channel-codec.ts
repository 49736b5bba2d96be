import { CHANNEL_EVENT_TYPES, type ChannelEvent } from '../../domain/notification/channel.js';
import { firstShapesOf, isReadable } from '../newer-event.js';
import type { RecordedEvent } from '../ports/event-log.js';

/** Where channels are recorded: never rename. */
export const CHANNELS_STREAM = 'notification-channels';

export const CHANNEL_SHAPES = firstShapesOf(CHANNEL_EVENT_TYPES);

/** A stored event as a fact about a channel; undefined for what is none. @throws NewerEvent */
export function channelEventOf(recorded: RecordedEvent): ChannelEvent | undefined {
  if (recorded.streamId !== CHANNELS_STREAM || !isReadable(recorded, CHANNEL_SHAPES)) return undefined;
  const { type, data } = recorded;
  return { type, data } as unknown as ChannelEvent;
}
