import { RequestRefused } from '../problems/request-refused.js';

export const LAST_EVENT_ID = 'Last-Event-ID';

/**
 * The revision after which a stream goes on; undefined for all of it. The header wins: an EventSource sends it when it reconnects to the address it was
 * given first.
 * @throws RequestRefused request.invalid-last-event-id
 */
export function resumePoint(header: string | undefined, parameter: string | undefined): number | undefined {
  const text = header ?? parameter;
  if (text === undefined) return undefined;
  const revision = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(revision)) return revision;
  throw invalidLastEventId(header === undefined ? '/last_event_id' : LAST_EVENT_ID, 'must be the id of an event: a whole number from 0');
}

export const invalidLastEventId = (field: string, message: string): RequestRefused =>
  new RequestRefused('request.invalid-last-event-id', `${field} ${message}.`, [{ field, message }]);
