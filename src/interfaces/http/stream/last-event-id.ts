import { RequestRefused } from '../problems/request-refused.js';

export const LAST_EVENT_ID = 'Last-Event-ID';

/**
 * The revision after which a stream goes on; undefined for all of it. An empty one is none: it is the last event ID that an
 * EventSource begins with (HTML, section 9.2.2). The header wins: an EventSource sends it when it reconnects to the address it was
 * given first.
 * @throws RequestRefused request.invalid-last-event-id
 */
export function resumePoint(header: string | undefined, parameter: string | undefined): number | undefined {
  const text = header || parameter;
  if (!text) return undefined;
  const revision = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(revision)) return revision;
  throw invalidLastEventId(placeOf(header), 'must be the id of an event: a whole number from 0');
}

/** Where the resume point was given. */
export const placeOf = (header: string | undefined): string => (header ? LAST_EVENT_ID : '/last_event_id');

export const invalidLastEventId = (field: string, message: string): RequestRefused =>
  new RequestRefused('request.invalid-last-event-id', `${field} ${message}.`, [{ field, message }]);
