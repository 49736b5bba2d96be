import type { NewEvent } from '../ports/event-log.js';

/** Bytes of event data that one append may hold: the event store refuses 1 MiB; the rest is room for metadata, types and the protocol. */
const APPEND_BYTES = 900 * 1024;
/** Metadata, type and id of one event, in bytes: a generous estimate. */
const EVENT_OVERHEAD = 512;

const sizeOf = (event: NewEvent): number => Buffer.byteLength(JSON.stringify(event.data)) + EVENT_OVERHEAD;

/**
 * Lays decisions, each a list of events, into appends that the event store accepts. A decision is not cut, unless it alone is larger than an append: a crash
 * between its appends then leaves a prefix of it, which only very large plans can come to, and which they allow for.
 */
export function* inAppends(decisions: Iterable<readonly NewEvent[]>): Generator<readonly NewEvent[]> {
  let part: NewEvent[] = [];
  let bytes = 0;
  for (const decision of decisions) {
    const sizes = decision.map(sizeOf);
    const whole = sizes.reduce((sum, size) => sum + size, 0);
    const units =
      whole > APPEND_BYTES
        ? decision.map((event, index) => ({ events: [event], size: sizes[index]! }))
        : [{ events: decision, size: whole }];
    for (const { events, size } of units) {
      if (part.length > 0 && bytes + size > APPEND_BYTES) {
        yield part;
        part = [];
        bytes = 0;
      }
      part.push(...events);
      bytes += size;
    }
  }
  if (part.length > 0) yield part;
}
