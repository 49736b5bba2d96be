import { ALERT_EVENT_TYPES, type AlertEvent } from '../../domain/alert/alert.js';
import { firstShapesOf, isReadable } from '../newer-event.js';
import type { RecordedEvent } from '../ports/event-log.js';

/** Where alerts are recorded: never rename. */
export const ALERTS_STREAM = 'alerts';

export const ALERT_SHAPES = firstShapesOf(ALERT_EVENT_TYPES);

/** A stored event as a fact about alerts; undefined for what is none. @throws NewerEvent */
export function alertEventOf(recorded: RecordedEvent): AlertEvent | undefined {
  if (recorded.streamId !== ALERTS_STREAM || !isReadable(recorded, ALERT_SHAPES)) return undefined;
  const { type, data } = recorded;
  return { type, data } as unknown as AlertEvent;
}
