import { decodeRecord, TOMBSTONE_REVISION, type EventRecord } from './event-record.js';
import type { HeadTable } from './head-table.js';
import { linkTarget, type ResolvedEvent } from './link.js';
import { CorruptLogError, InvalidPositionError } from './log.errors.js';
import type { LogStore } from './log-store.js';
import type { RecentRecords } from './recent-records.js';
import { effectiveMetadata, firstShown, isSoftDeleted, type StreamHead } from './stream-head.js';
import { isMetastream, originalOf } from './stream-metadata.js';

export type Direction = 'forwards' | 'backwards';

/** Bytes of records after which a page ends, whatever its limit. */
const PAGE_BYTES = 4 * 1024 * 1024;
const TICKS_PER_SECOND = 10_000_000n;

export interface StreamPage {
  readonly status: 'found' | 'not-found' | 'deleted';
  readonly events: readonly EventRecord[];
  /** The revision to go on from in the same direction. */
  readonly next: number;
  readonly isEnd: boolean;
  /** Revision of the last event of the stream, −1 where there is none. */
  readonly last: number;
  /** The lowest revision shown. */
  readonly first: number;
}

export interface AllPage {
  readonly events: readonly EventRecord[];
  /** The position to go on from in the same direction. */
  readonly next: number;
  readonly isEnd: boolean;
}

/** Reads pages of the log as it is flushed. Each page is a whole in itself: no snapshot is held between pages. */
export class LogReader {
  constructor(
    private readonly store: LogStore,
    private readonly heads: HeadTable,
    private readonly recent: RecentRecords,
    private readonly now: () => bigint,
    /** The position behind the last visible record. */
    private readonly end: () => number,
  ) {}

  /** The head of a stream as readers see it. The metadata of a tombstoned stream ends with it. */
  head(stream: string): StreamHead {
    const head = this.heads.visible(stream);
    if (head.isTombstoned || !isMetastream(stream)) return head;
    return this.heads.visible(originalOf(stream)).isTombstoned ? { ...head, isTombstoned: true } : head;
  }

  /** A page of a stream from a revision, inclusive, in either direction. */
  stream(stream: string, from: number, direction: Direction, limit: number): StreamPage {
    const head = this.head(stream);
    const first = firstShown(head);
    const empty = { events: [], isEnd: true, last: head.last, first, next: from };
    if (head.isTombstoned) return { ...empty, status: 'deleted' };
    if (head.last < 0 || isSoftDeleted(head)) return { ...empty, status: 'not-found' };
    const backwards = direction === 'backwards';
    const low = backwards ? first : Math.max(first, from);
    const high = backwards ? Math.min(head.last, from) : head.last;
    const positions = this.store.positions(head.number, low, high, limit, backwards);
    const records: EventRecord[] = [];
    let size = 0;
    for (const position of positions) {
      const record = this.recordAt(position);
      records.push(record);
      size += record.data.length + record.metadata.length;
      if (size >= PAGE_BYTES) break;
    }
    const step = backwards ? -1 : 1;
    const next = (records.at(-1)?.revision ?? (backwards ? low : high)) + step;
    return {
      status: 'found',
      events: records.filter(this.isYoungEnough(head)),
      next,
      isEnd: backwards ? next < first : next > head.last,
      last: head.last,
      first,
    };
  }

  /** One event, −1 standing for the last; undefined where it is not there, or not shown any more. */
  event(stream: string, revision: number): EventRecord | undefined {
    const head = this.head(stream);
    const wanted = revision === -1 ? head.last : revision;
    if (wanted < 0) return undefined;
    return this.stream(stream, wanted, 'backwards', 1).events.find((event) => event.revision === wanted);
  }

  /**
   * A page of `$all`: forwards from a position inclusive, backwards strictly below it. At most `limit` records; fewer do
   * not mean the end.
   *
   * @throws InvalidPositionError where no record begins at the position (and it is not the end).
   */
  all(from: number, direction: Direction, limit: number): AllPage {
    this.assertPosition(from, direction);
    const records = this.scan(from, direction, limit);
    const last = records.at(-1);
    const events = records.filter(({ isFiller, isHidden }) => !isFiller && !isHidden);
    if (direction === 'backwards') {
      const next = last?.position ?? 0;
      return { events, next, isEnd: records.length < limit && (!last || this.scan(next, 'backwards', 1).length === 0) };
    }
    const next = last ? last.position + last.span : Math.max(from, this.end());
    return { events, next, isEnd: next >= this.end() };
  }

  /** The events of a stream from a revision on, whatever its metadata hides, its tombstone last. */
  everything(stream: string, from: number, limit: number): readonly EventRecord[] {
    const { number } = this.heads.visible(stream);
    if (number === 0) return [];
    const positions = this.store.positions(number, from, TOMBSTONE_REVISION, limit, false);
    return positions.filter((position) => position < this.end()).map((position) => this.recordAt(position));
  }

  /** Shows a link with its target; any other event as it is. */
  resolve(record: EventRecord): ResolvedEvent {
    const target = linkTarget(record);
    if (!target) return { event: record, link: undefined };
    return { event: this.event(target.stream, target.revision), link: record };
  }

  /** Where the first record at or behind a position begins; the end of the log where there is none. */
  placeFrom(position: number): number {
    if (position >= this.end()) return this.end();
    return this.isRecordAt(position) ? position : (this.scan(position, 'forwards', 1)[0]?.position ?? this.end());
  }

  /** Whether a record begins at the position. */
  isRecordAt(position: number): boolean {
    return this.recent.at(position) !== undefined || this.store.record(position) !== undefined;
  }

  recordAt(position: number): EventRecord {
    const recent = this.recent.at(position);
    if (recent) return recent;
    const bytes = this.store.record(position);
    if (!bytes) throw new CorruptLogError(`there is no record at position ${position}, though the index names it`);
    return decodeRecord(position, bytes);
  }

  private scan(from: number, direction: Direction, limit: number): EventRecord[] {
    const decode = ({ position, bytes }: { position: number; bytes: Buffer }) => this.recent.at(position) ?? decodeRecord(position, bytes);
    if (direction === 'backwards') return this.store.scanBackwards(Math.min(from, this.end()), limit, PAGE_BYTES).map(decode);
    if (from >= this.end()) return [];
    return this.recent.forwards(from, this.end(), limit) ?? this.store.scanForwards(from, this.end(), limit, PAGE_BYTES).map(decode);
  }

  private assertPosition(position: number, direction: Direction): void {
    const end = this.end();
    const isPlace = position === 0 || position === end || (position > end && direction === 'forwards');
    if (!isPlace && (position > end || !this.isRecordAt(position))) throw new InvalidPositionError(position);
  }

  private isYoungEnough(head: StreamHead): (record: EventRecord) => boolean {
    const { maxAge } = effectiveMetadata(head);
    if (maxAge === undefined) return () => true;
    const oldest = this.now() - BigInt(maxAge) * TICKS_PER_SECOND;
    return ({ created }) => created >= oldest;
  }
}
