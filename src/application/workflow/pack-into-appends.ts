import { PART_EVENT_TYPES } from '../../domain/workflow/events/workflow-events.js';
import type { NewEvent } from '../ports/event-log.js';

/** Bytes of event data that one append may hold: the event store refuses 1 MiB; the rest is room for metadata, types and the protocol. */
const APPEND_BYTES = 900 * 1024;
/** Metadata, type and id of one event, in bytes: a generous estimate. */
const EVENT_OVERHEAD = 512;

const PARTS: ReadonlySet<string> = new Set(PART_EVENT_TYPES);

const sizeOf = (events: readonly NewEvent[]): number =>
  events.reduce((sum, { data, text = JSON.stringify(data) }) => sum + Buffer.byteLength(text) + EVENT_OVERHEAD, 0);

/** A decision's events in the pieces that may be stored one by one: a part of a plan counts for nothing until all that follows it is stored. */
function piecesOf(decision: readonly NewEvent[]): readonly (readonly NewEvent[])[] {
  const parts = decision.filter(({ type }) => PARTS.has(type));
  return [...parts.map((part) => [part]), decision.slice(parts.length)].filter(({ length }) => length > 0);
}

/**
 * Packs decisions, each a list of events, into appends that the event store accepts. A decision is not cut, unless it is a plan too large for one append: a crash
 * between its appends then leaves parts of it without their seal, which means that nothing was planned, or submitted.
 */
export function* packIntoAppends(decisions: Iterable<readonly NewEvent[]>): Generator<readonly NewEvent[]> {
  let append: NewEvent[] = [];
  let bytes = 0;
  for (const decision of decisions) {
    const whole = sizeOf(decision);
    const pieces =
      whole > APPEND_BYTES ? piecesOf(decision).map((events) => ({ events, size: sizeOf(events) })) : [{ events: decision, size: whole }];
    for (const { events, size } of pieces) {
      if (append.length > 0 && bytes + size > APPEND_BYTES) {
        yield append;
        append = [];
        bytes = 0;
      }
      append.push(...events);
      bytes += size;
    }
  }
  if (append.length > 0) yield append;
}
