import { MAX_APPEND_SIZE, type EventRecord, type StreamLog } from '@lifeos/event-store-node';
import {
  EventLogUnavailable,
  RevisionConflict,
  type AppendResult,
  type EventLog,
  type EventLogSilence,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
} from '../../../application/ports/event-log.js';
import { messageOf } from '../../../application/message-of.js';
import { keepLast } from '../shared/keep-last.js';
import { proposedEvents, recordedEvent, type EventToAppend } from './recorded-events.js';

/** Events read in one go. */
const PAGE = 256;

/** The event log of a node in this thread. */
export class InProcessEventLog implements EventLog, EventLogSilence {
  #closed = false;

  constructor(private readonly streams: StreamLog) {}

  append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    return this.#append(streamId, events, expected);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- nothing here waits; the port's readers may
  async *readStream(
    streamId: string,
    options: { readonly from?: number; readonly limit?: number } = {},
  ): AsyncGenerator<RecordedEvent, void> {
    let from = options.from ?? 0;
    let remaining = options.limit ?? Number.MAX_SAFE_INTEGER;
    let end: number | undefined;
    while (remaining > 0) {
      const page = this.#answer(`reading ${streamId}`, () =>
        this.streams.read.stream(streamId, from, 'forwards', Math.min(PAGE, remaining)),
      );
      if (page.status === 'deleted') throw new EventLogUnavailable(`reading ${streamId} failed: the stream is deleted`);
      end ??= page.last;
      for (const record of page.events) {
        if (record.revision > end) return;
        remaining -= 1;
        yield recordedEvent(record);
      }
      if (page.isEnd || page.next > end) return;
      from = page.next;
    }
  }

  readLast(streamId: string): Promise<RecordedEvent | undefined> {
    return this.#promise(`reading the end of ${streamId}`, () => {
      const record = this.streams.read.event(streamId, -1);
      return record && recordedEvent(record);
    });
  }

  keepLast(streamId: string, count: number): Promise<void> {
    const stream = {
      readLast: (id: string) => this.readLast(id),
      append: (id: string, event: EventToAppend, expected: ExpectedRevision) => this.#append(id, [event], expected),
    };
    return keepLast(stream, streamId, count);
  }

  headPosition(): Promise<bigint> {
    return this.#promise('reading the head of the log', () => BigInt(this.lastRecord()?.position ?? 0));
  }

  /** The last event that `$all` shows. */
  lastRecord(): EventRecord | undefined {
    const { read, end } = this.streams;
    for (let page = read.all(end, 'backwards', 1); ; page = read.all(page.next, 'backwards', PAGE)) {
      const [last] = page.events;
      if (last || page.isEnd) return last;
    }
  }

  silentMs(): number {
    return 0;
  }

  /** Refuses further calls. */
  close(): void {
    this.#closed = true;
  }

  async #append(streamId: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    if (events.length === 0) throw new RangeError(`no events to append to ${streamId}`);
    const outcome = await this.#promise(`appending to ${streamId}`, () => {
      const proposed = proposedEvents(events);
      const bytes = proposed.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
      // As a server refuses it: what is written here can be copied to one.
      if (bytes > MAX_APPEND_SIZE) throw new Error(`${bytes} bytes are more than an append may have (${MAX_APPEND_SIZE})`);
      return this.streams.append(streamId, expected === 'no-stream' ? 'no_stream' : expected, proposed);
    });
    switch (outcome.kind) {
      case 'written': {
        const { revision, position } = outcome;
        if (position === undefined) throw new EventLogUnavailable(`event ${revision} of ${streamId} was appended and cannot be read`);
        return { revision, position: BigInt(position) };
      }
      case 'wrong-expected-version':
        throw new RevisionConflict(streamId, expected);
      case 'stream-deleted':
        throw new EventLogUnavailable(`appending to ${streamId} failed: the stream is deleted`);
    }
  }

  async #promise<T>(what: string, ask: () => T | Promise<T>): Promise<T> {
    try {
      return await this.#answer(what, ask);
    } catch (fault) {
      throw unavailable(what, fault);
    }
  }

  #answer<T>(what: string, ask: () => T): T {
    if (this.#closed) throw new EventLogUnavailable('the event store is closed');
    try {
      return ask();
    } catch (fault) {
      throw unavailable(what, fault);
    }
  }
}

function unavailable(what: string, fault: unknown): EventLogUnavailable {
  if (fault instanceof EventLogUnavailable) return fault;
  return new EventLogUnavailable(`${what} failed: ${messageOf(fault)}`, { cause: fault });
}
