import type { AppendResult, EventLog, ExpectedRevision, NewEvent, RecordedEvent } from '../../../src/application/ports/event-log.js';

export interface WatchedAppend {
  readonly streamId: string;
  readonly types: readonly string[];
  readonly expected: ExpectedRevision;
}

/** The event log beneath it, with every append noted, and with moments at which a test may let something else happen. */
export class WatchedLog implements EventLog {
  /** Appends that were tried, in order. */
  readonly appends: WatchedAppend[] = [];
  /** Reads of streams that were begun. */
  readonly reads: { readonly streamId: string; readonly from: number }[] = [];
  beforeAppend: (append: WatchedAppend) => void | Promise<void> = () => undefined;
  afterAppend: (append: WatchedAppend) => void | Promise<void> = () => undefined;
  /** Called when a read has all events it will give, before it gives the last of them. */
  beforeReadEnds: (streamId: string) => void | Promise<void> = () => undefined;

  constructor(private readonly log: EventLog) {}

  appendsTo(streamId: string): readonly WatchedAppend[] {
    return this.appends.filter((append) => append.streamId === streamId);
  }

  readsOf(streamId: string): readonly number[] {
    return this.reads.filter((read) => read.streamId === streamId).map(({ from }) => from);
  }

  async append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    const append = { streamId, types: events.map(({ type }) => type), expected };
    this.appends.push(append);
    await this.beforeAppend(append);
    const result = await this.log.append(streamId, events, expected);
    await this.afterAppend(append);
    return result;
  }

  async *readStream(streamId: string, options?: { readonly from?: number; readonly limit?: number }): AsyncGenerator<RecordedEvent, void> {
    this.reads.push({ streamId, from: options?.from ?? 0 });
    const events: RecordedEvent[] = [];
    for await (const event of this.log.readStream(streamId, options)) events.push(event);
    await this.beforeReadEnds(streamId);
    yield* events;
  }

  readLast(streamId: string): Promise<RecordedEvent | undefined> {
    return this.log.readLast(streamId);
  }

  keepLast(streamId: string, count: number): Promise<void> {
    return this.log.keepLast(streamId, count);
  }

  headPosition(): Promise<bigint> {
    return this.log.headPosition();
  }
}
