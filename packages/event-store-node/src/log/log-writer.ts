import { decideAppend, type Expectation } from './append-decision.js';
import {
  encodeRecord,
  recordOf,
  spanOf,
  TOMBSTONE_REVISION,
  type EventRecord,
  type ProposedEvent,
  type RecordFields,
} from './event-record.js';
import type { HeadTable } from './head-table.js';
import { LogClosedError, LogFailedError } from './log.errors.js';
import type { LogStore, WriteBatch } from './log-store.js';
import type { RecentIds } from './recent-ids.js';
import type { StreamHead } from './stream-head.js';
import { isHiddenFromAll } from './system-streams.js';
import { isMetastream, originalOf, parseStreamMetadata } from './stream-metadata.js';

/** Bytes after which a transaction is closed and the next one begun. */
const LARGEST_BATCH = 16 * 1024 * 1024;

/** A record as it was written, with the size of its bytes. */
export type WrittenRecord = Pick<RecordToWrite, 'record' | 'bytes'>;

/** A record for the disk, with what readers will see of it. */
type RecordToWrite = WriteBatch['records'][number] & { readonly record: EventRecord };

/** One decided write, waiting for its flush. */
interface Unit {
  readonly records: RecordToWrite[];
  readonly heads: StreamHead[];
  readonly settings: [string, unknown][];
  readonly streams: string[];
  size: number;
}

interface Waiting {
  readonly unit: Unit;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface LogEnd {
  position: number;
  streamNumber: number;
}

/**
 * The single writer: decides appends in the order of arrival, in memory, and writes whatever was decided while the disk
 * was busy in one transaction with one flush. Nothing is shown to readers, or answered, before it is flushed.
 */
export class LogWriter {
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private failure: Error | undefined;
  private closed = false;

  constructor(
    private readonly store: Pick<LogStore, 'commit'>,
    private readonly heads: HeadTable,
    private readonly recent: RecentIds,
    private readonly end: LogEnd,
    private readonly idAt: (head: StreamHead, revision: number) => Buffer | undefined,
    private readonly published: (records: readonly WrittenRecord[], streams: readonly string[]) => void,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Decides against the stream as it will be once everything before is flushed. */
  decide(head: StreamHead, expected: Expectation, ids: readonly Buffer[]) {
    return decideAppend(head, expected, ids, {
      recentRevisionOf: (id) => (head.number === 0 ? undefined : this.recent.revisionOf(head.number, id)),
      isAt: (revision, id) => {
        if (revision > head.last) return false;
        if (this.recent.revisionOf(head.number, id) === revision) return true;
        return (this.heads.unflushedId(head.name, revision) ?? this.idAt(head, revision))?.equals(id) ?? false;
      },
    });
  }

  newUnit(): Unit {
    this.assertWritable();
    return { records: [], heads: [], settings: [], streams: [], size: 0 };
  }

  /** Adds events to a unit; answers the new head of the stream. */
  add(unit: Unit, stream: string, events: readonly ProposedEvent[], created: bigint, isTombstone = false): StreamHead {
    const head = this.heads.decided(stream);
    const isNew = head.number === 0;
    const number = isNew ? ++this.end.streamNumber : head.number;
    if (isNew) unit.settings.push(['last-stream-number', number]);
    const isHidden = isHiddenFromAll(stream);
    let { last, lastPosition } = head;
    for (const event of events) {
      const revision = isTombstone ? TOMBSTONE_REVISION : ++last;
      lastPosition = this.put(unit, { stream, revision, created, event, isHidden }, number, revision);
      this.recent.remember(number, event.id, revision);
    }
    const decided = { ...head, number, last, lastPosition, isTombstoned: isTombstone || head.isTombstoned };
    unit.heads.push(decided);
    this.heads.decide(decided, isTombstone ? [] : events.map(({ id }) => id));
    unit.streams.push(stream);
    const lastEvent = events.at(-1);
    if (isMetastream(stream) && lastEvent) this.describe(unit, originalOf(stream), lastEvent);
    return decided;
  }

  /** Takes a place in the log without an event, as an append of no events does. Answers its position. */
  addFiller(unit: Unit, stream: string, created: bigint): number {
    const event: ProposedEvent = { id: Buffer.alloc(16), type: '', isJson: false, data: Buffer.alloc(0), metadata: Buffer.alloc(0) };
    return this.put(unit, { stream, revision: -1, created, event, isFiller: true }, 0, undefined);
  }

  /** Resolves once the unit, and all before it, is flushed and visible. */
  write(unit: Unit): Promise<void> {
    const done = new Promise<void>((resolve, reject) => this.waiting.push({ unit, resolve, reject }));
    this.running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.drain());
    return done;
  }

  /** Resolves once everything decided so far is flushed. */
  async settled(): Promise<void> {
    if (this.waiting.length > 0 || this.running) await this.write(this.newUnit());
  }

  /** Writes what is waiting and refuses everything after. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private assertWritable(): void {
    if (this.failure) throw new LogFailedError(`the log does not accept writes any more: ${this.failure.message}`, { cause: this.failure });
    if (this.closed) throw new LogClosedError();
  }

  private put(unit: Unit, fields: RecordFields, streamNumber: number, revision: number | undefined): number {
    const position = this.end.position;
    const bytes = encodeRecord(fields);
    this.end.position += spanOf(bytes);
    unit.records.push({ position, bytes, streamNumber, revision, record: recordOf(position, bytes, fields) });
    unit.size += bytes.length;
    return position;
  }

  private describe(unit: Unit, original: string, event: ProposedEvent): void {
    const head = this.heads.decided(original);
    const described = { ...head, metadata: event.isJson ? parseStreamMetadata(event.data) : {} };
    unit.heads.push(described);
    this.heads.decide(described, []);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        if (this.failure) throw this.failure;
        await this.commit(batch.map(({ unit }) => unit));
      } catch (error) {
        this.fail(error instanceof Error ? error : new Error(String(error)), batch);
        continue;
      }
      for (const { resolve } of batch) resolve();
    }
    this.running = undefined;
  }

  private takeBatch(): Waiting[] {
    let size = 0;
    let count = 0;
    while (count < this.waiting.length && size < LARGEST_BATCH) size += this.waiting[count++]?.unit.size ?? 0;
    return this.waiting.splice(0, count);
  }

  private async commit(units: readonly Unit[]): Promise<void> {
    const records = units.flatMap((unit) => unit.records);
    const last = new Map<string, StreamHead>();
    for (const unit of units) for (const head of unit.heads) last.set(head.name, head);
    const settings = new Map(units.flatMap((unit) => unit.settings));
    if (records.length > 0 || settings.size > 0) await this.store.commit({ records, heads: last.values(), settings });
    for (const unit of units) for (const head of unit.heads) this.heads.publish(head);
    this.published(
      records,
      units.flatMap((unit) => unit.streams),
    );
  }

  /** What the disk holds is unknown now: everything decided on top of it fails as well. */
  private fail(cause: Error, batch: readonly Waiting[]): void {
    const isFirst = this.failure === undefined;
    this.failure ??= cause;
    const error = new LogFailedError(`the write could not be made durable: ${cause.message}`, { cause });
    for (const { reject } of batch) reject(error);
    if (isFirst) this.failed(error);
  }
}
