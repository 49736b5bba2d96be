import { isWanted, type EventFilter } from './event-filter.js';
import { TOMBSTONE_REVISION, type EventRecord } from './event-record.js';
import type { StreamLog } from './stream-log.js';
import { StreamDeletedError } from './log.errors.js';
import { Bell } from './wake-ups.js';

/** What a subscription tells, in order. */
export type SubscriptionMessage =
  | { readonly kind: 'events'; readonly events: readonly EventRecord[] }
  /** Everything up to here was considered. `isEvent`: it is the place of an event that was sent. */
  | { readonly kind: 'checkpoint'; readonly position: number; readonly isEvent: boolean }
  | { readonly kind: 'caught-up' };

/** `after` a position or revision, from the very first event, or only what is appended from now on. */
export type SubscriptionStart = 'start' | 'end' | { readonly after: number };

export interface FilterWindow {
  readonly filter: EventFilter;
  /** Records looked at in one go. */
  readonly window: number;
  /** Considered records between two checkpoints. */
  readonly checkpointEvery: number;
}

const PAGE = 256;
/** Wanted events in one go, of a filtered subscription. */
const FILTERED_PAGE = 32;

/** Waits for appends until the signal ends it. */
class Tail {
  private readonly bell = new Bell();
  private readonly stop: () => void;
  private readonly ring = (): void => this.bell.ring();

  constructor(
    log: StreamLog,
    stream: string | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.stop = log.wakeUps.listen(stream, this.ring);
    signal.addEventListener('abort', this.ring);
  }

  /** Answers whether to go on. */
  async next(): Promise<boolean> {
    if (!this.signal.aborted) await this.bell.wait();
    return !this.signal.aborted;
  }

  end(): void {
    this.stop();
    this.signal.removeEventListener('abort', this.ring);
  }
}

/**
 * Follows `$all`. Reads the log in pages, at the pace at which the messages are taken: appends only wake it up, so a slow
 * taker costs no memory and loses nothing.
 *
 * @throws InvalidPositionError where no record begins at the position to start after.
 */
export async function* followAll(
  log: StreamLog,
  start: SubscriptionStart,
  filtered: FilterWindow | undefined,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionMessage, void, undefined> {
  const tail = new Tail(log, undefined, signal);
  try {
    let next = firstPosition(log, start);
    let considered = 0;
    while (start !== 'end' && next < log.end && !signal.aborted) {
      if (!filtered) {
        const page = log.read.all(next, 'forwards', PAGE);
        next = page.next;
        yield { kind: 'events', events: page.events };
        continue;
      }
      const page = historyPage(log, next, filtered);
      next = page.next;
      if (page.events.length > 0) yield { kind: 'events', events: page.events };
      considered += page.considered;
      if (considered < filtered.checkpointEvery) continue;
      considered %= filtered.checkpointEvery;
      const sent = page.events.at(-1);
      yield { kind: 'checkpoint', position: sent?.position ?? page.first, isEvent: sent !== undefined };
    }
    yield { kind: 'caught-up' };
    while (await tail.next()) {
      while (next < log.end && !signal.aborted) {
        const page = log.read.all(next, 'forwards', PAGE);
        next = page.next;
        if (!filtered) yield { kind: 'events', events: page.events };
        else considered = yield* live(page.events, filtered, considered);
      }
    }
  } finally {
    tail.end();
  }
}

/**
 * Follows one stream, waiting for it where it does not exist yet.
 *
 * @throws StreamDeletedError when the stream is tombstoned, or once it is (its last event is sent first).
 */
export async function* followStream(
  log: StreamLog,
  stream: string,
  start: SubscriptionStart,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionMessage, void, undefined> {
  const tail = new Tail(log, stream, signal);
  try {
    let next = start === 'end' ? log.read.head(stream).last + 1 : start === 'start' ? 0 : start.after + 1;
    let isAtEnd = start === 'end';
    while (!isAtEnd) {
      const page = log.read.stream(stream, next, 'forwards', PAGE);
      if (page.status === 'deleted') throw new StreamDeletedError(stream);
      if (page.status === 'not-found') {
        if (!(await tail.next())) return;
        continue;
      }
      if (page.events.length > 0) yield { kind: 'events', events: page.events };
      next = Math.max(next, page.next);
      isAtEnd = page.isEnd;
    }
    yield { kind: 'caught-up' };
    while (await tail.next()) {
      for (let events = log.read.everything(stream, next, PAGE); events.length > 0; events = log.read.everything(stream, next, PAGE)) {
        yield { kind: 'events', events };
        const last = events.at(-1)?.revision ?? next;
        if (last === TOMBSTONE_REVISION) throw new StreamDeletedError(stream);
        next = last + 1;
        if (signal.aborted) return;
      }
    }
  } finally {
    tail.end();
  }
}

function firstPosition(log: StreamLog, start: SubscriptionStart): number {
  if (start === 'start') return 0;
  if (start === 'end' || start.after >= log.end) return log.end;
  return log.read.all(start.after, 'forwards', 1).next;
}

interface HistoryPage {
  readonly events: readonly EventRecord[];
  readonly considered: number;
  /** Position of the first record considered. */
  readonly first: number;
  readonly next: number;
}

/** One window of records, cut short by the end of the log or by as many wanted events as are sent in one go. */
function historyPage(log: StreamLog, from: number, { filter, window }: FilterWindow): HistoryPage {
  const events: EventRecord[] = [];
  let considered = 0;
  let first = from;
  let next = from;
  while (considered < window && next < log.end) {
    const page = log.read.all(next, 'forwards', Math.min(PAGE, window - considered));
    for (const event of page.events) {
      if (considered === 0) first = event.position;
      considered += 1;
      if (!isWanted(filter, event)) continue;
      events.push(event);
      if (events.length === FILTERED_PAGE) return { events, considered, first, next: event.position + event.span };
    }
    next = page.next;
  }
  return { events, considered, first, next };
}

function* live(
  records: readonly EventRecord[],
  { filter, checkpointEvery }: FilterWindow,
  considered: number,
): Generator<SubscriptionMessage, number> {
  let count = considered;
  let wanted: EventRecord[] = [];
  for (const record of records) {
    if (isWanted(filter, record)) wanted.push(record);
    if (++count < checkpointEvery) continue;
    count = 0;
    if (wanted.length > 0) yield { kind: 'events', events: wanted };
    wanted = [];
    yield { kind: 'checkpoint', position: record.position, isEvent: true };
  }
  if (wanted.length > 0) yield { kind: 'events', events: wanted };
  return count;
}
