import type { EventRecord } from '../log/event-record.js';
import type { ResolvedEvent } from '../log/link.js';

/** An event on its way through a group. */
export interface GroupMessage {
  readonly event: ResolvedEvent;
  /** The event as it stands in the source: the link, where there is one. Its id is what consumers acknowledge. */
  readonly original: EventRecord;
  readonly key: string;
  /** Revision or position in the source. */
  readonly place: number;
  /** The place up to which everything is done once all before this message is; undefined for the very first. */
  readonly before: number | undefined;
  /** Order within the group; undefined for parked events that are replayed. */
  readonly sequence: number | undefined;
  readonly retryCount: number;
}

export const keyOf = (id: Buffer): string => id.toString('latin1');

export function newMessage(event: ResolvedEvent, place: number, before: number | undefined, sequence: number | undefined): GroupMessage {
  const original = event.link ?? event.event;
  if (!original) throw new Error('a resolved event has neither an event nor a link');
  return { event, original, key: keyOf(original.id), place, before, sequence, retryCount: 0 };
}

export const retried = (message: GroupMessage): GroupMessage => ({ ...message, retryCount: message.retryCount + 1 });
