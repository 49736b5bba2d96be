import { decodeRecord, spanOf, TOMBSTONE_REVISION, type EventRecord } from './event-record.js';
import { CorruptLogError } from './log.errors.js';
import type { LogStore } from './log-store.js';
import type { LogEnd } from './log-writer.js';
import type { StreamHead } from './stream-head.js';

/** Position of the first record. Not 0, which means "from the start" in the protocol. */
const FIRST_POSITION = 64;

/** Records read at once, and their bytes. */
const PAGE = 1_000;
const PAGE_BYTES = 16 * 1024 * 1024;

/** What a log holds. */
export interface LogSummary {
  readonly events: number;
  readonly streams: number;
  /** The position behind the last record. */
  readonly end: number;
}

function mustBeIndexed(store: LogStore, record: EventRecord): StreamHead {
  const head = store.head(record.stream);
  const isKnown = head && (record.revision === TOMBSTONE_REVISION ? head.isTombstoned : head.last >= record.revision);
  if (!isKnown || store.position(head.number, record.revision) !== record.position) {
    throw new CorruptLogError(`the event at position ${record.position} is not in the index of its stream ${record.stream}`);
  }
  return head;
}

/**
 * Reads the whole log and checks that records follow each other, that index and heads agree with them, and that every page can be read.
 *
 * @param seen gets each event, in the order of the log
 * @throws CorruptLogError naming the position at which they do not.
 */
export function verifyWholeLog(store: LogStore, seen: (record: EventRecord) => void = () => undefined): LogSummary {
  let next = FIRST_POSITION;
  let events = 0;
  try {
    for (;;) {
      const page = store.scanForwards(next, Number.MAX_SAFE_INTEGER, PAGE, PAGE_BYTES);
      if (page.length === 0) break;
      for (const { position, bytes } of page) {
        if (position !== next) throw new CorruptLogError(`there is no record at position ${next}`);
        const record = decodeRecord(position, bytes);
        if (!record.isFiller) {
          mustBeIndexed(store, record);
          seen(record);
          events += 1;
        }
        next = position + spanOf(bytes);
      }
    }
  } catch (error) {
    if (error instanceof CorruptLogError) throw error;
    throw new CorruptLogError(`the log cannot be read from position ${next} on: ${(error as Error).message}`, { cause: error });
  }
  if (store.indexed !== events) throw new CorruptLogError(`the index names ${store.indexed} events, the log holds ${events}`);
  return { events, streams: store.streams, end: next };
}

/**
 * Reads the newest records and checks that index and heads agree with them; answers where the log goes on.
 *
 * @throws CorruptLogError naming the position at which they do not.
 */
export function verifyLog(store: LogStore, recent: number, seen: (record: EventRecord, head: StreamHead) => void): LogEnd {
  const newest = store.scanBackwards(Number.MAX_SAFE_INTEGER, recent, 64 * 1024 * 1024).reverse();
  for (const { position, bytes } of newest) {
    const record = decodeRecord(position, bytes);
    if (record.isFiller) continue;
    const head = mustBeIndexed(store, record);
    seen(record, head);
  }
  const last = newest.at(-1);
  return { position: last ? last.position + spanOf(last.bytes) : FIRST_POSITION, streamNumber: store.lastStreamNumber() };
}
