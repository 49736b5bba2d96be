import { z } from 'zod';
import { RequestRefused } from '../problems/request-refused.js';

export const LAST_EVENT_ID = 'Last-Event-ID';

export const lastEventIdParameter = z
  .string({ error: 'must be given once' })
  .meta({ type: 'integer', minimum: 0, description: `As the header \`${LAST_EVENT_ID}\`, which wins over it.` });

/** Where the id was given, for a problem document. */
export const lastEventIdField = (header: string | undefined): string => (header ? LAST_EVENT_ID : '/last_event_id');

/** Log positions are 64-bit. */
const LARGEST_POSITION = 2n ** 63n - 1n;

/**
 * The log position after which a stream goes on; undefined where none is given. An empty one is none: it is the last
 * event ID that an EventSource begins with (HTML, section 9.2.2). The header wins: an EventSource sends it when it reconnects to the address it
 * was given first.
 * @throws RequestRefused request.invalid-last-event-id
 */
export function resumePosition(header: string | undefined, parameter: string | undefined): bigint | undefined {
  const text = header || parameter;
  if (!text) return undefined;
  const position = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (position !== undefined && position <= LARGEST_POSITION) return position;
  throw invalidLastEventId(lastEventIdField(header), 'must be the id of an event: a whole number from 0');
}

/**
 * The same for a revision of one run.
 * @throws RequestRefused request.invalid-last-event-id
 */
export function resumeRevision(header: string | undefined, parameter: string | undefined): number | undefined {
  const position = resumePosition(header, parameter);
  const revision = position === undefined ? undefined : Number(position);
  if (revision === undefined || Number.isSafeInteger(revision)) return revision;
  throw invalidLastEventId(lastEventIdField(header), `must be at most ${Number.MAX_SAFE_INTEGER}`);
}

export const invalidLastEventId = (field: string, message: string): RequestRefused =>
  new RequestRefused('request.invalid-last-event-id', `${field} ${message}.`, [{ field, message }]);
