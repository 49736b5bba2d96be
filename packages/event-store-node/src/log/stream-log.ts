import type { Expectation } from './append-decision.js';
import type { ProposedEvent } from './event-record.js';
import { HeadTable } from './head-table.js';
import { LogReader } from './log-reader.js';
import { LogStore } from './log-store.js';
import { LogWriter, type LogEnd, type WrittenRecord } from './log-writer.js';
import { metadataEvent, newId } from './own-events.js';
import { RecentIds } from './recent-ids.js';
import { RecentRecords } from './recent-records.js';
import { isSoftDeleted, type StreamHead } from './stream-head.js';
import { SOFT_DELETED_JSON, isMetastream, metastreamOf, originalOf, undeletedMetadataJson } from './stream-metadata.js';
import { verifyLog, verifyWholeLog } from './verify-log.js';
import { WakeUps } from './wake-ups.js';

export type AppendOutcome =
  /**
   * `revision` −1: nothing was appended to a stream without events. `position` is that of the last event; undefined where
   * that was written before and is not shown any more.
   */
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  /** `current` is the revision of the last event, −1 where there is none. */
  | { readonly kind: 'wrong-expected-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' };

/** Records read at opening, to know what was lately written. */
const RECENT_AT_OPENING = 2_000;

export interface StreamLogOptions {
  readonly dataDir: string;
  /** Nothing is flushed. */
  readonly isVolatile?: boolean;
  /** 100-ns ticks since the Unix epoch. */
  readonly now?: () => bigint;
}

const systemTicks = (): bigint => BigInt(Date.now()) * 10_000n;

/**
 * The storage core: an append-only log of events in streams, on disk. Revisions are gapless from 0, positions in `$all`
 * strictly increase, and what `append` has answered is flushed.
 */
export class StreamLog {
  readonly read: LogReader;
  readonly wakeUps = new WakeUps();
  /** Settles, with the reason, when the log stopped accepting writes by itself. */
  readonly failed: Promise<Error>;

  private readonly writer: LogWriter;
  private readonly heads: HeadTable;
  private readonly recent = new RecentRecords();
  private visibleEnd: number;

  private constructor(
    private readonly store: LogStore,
    private readonly now: () => bigint,
    end: LogEnd,
    recentIds: RecentIds,
  ) {
    this.visibleEnd = end.position;
    this.heads = new HeadTable((name) => store.head(name));
    this.read = new LogReader(store, this.heads, this.recent, now, () => this.visibleEnd);
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise((resolve) => (fail = resolve));
    this.writer = new LogWriter(store, this.heads, recentIds, end, this.idAt, this.publish, fail);
  }

  /** @throws CorruptLogError when the folder holds something else than a whole log. */
  static open({ dataDir, isVolatile = false, now = systemTicks }: StreamLogOptions): StreamLog {
    const store = LogStore.open(dataDir, isVolatile);
    try {
      if (store.wasShort) verifyWholeLog(store);
      const recentIds = new RecentIds();
      const end = verifyLog(store, RECENT_AT_OPENING, (record, head) => recentIds.remember(head.number, record.id, record.revision));
      return new StreamLog(store, now, end, recentIds);
    } catch (error) {
      store.refuse();
      throw error;
    }
  }

  /** The position behind the last visible record. */
  get end(): number {
    return this.visibleEnd;
  }

  /**
   * Appends all events or none; resolves once they are flushed and readable. A repeat of the same ids at the same exact
   * revision is answered as the first time.
   *
   * @throws LogFailedError when the disk refused the write; its outcome is unknown then.
   */
  async append(stream: string, expected: Expectation, events: readonly ProposedEvent[]): Promise<AppendOutcome> {
    const head = this.standing(stream);
    const ids = events.map(({ id }) => id);
    const decision = this.writer.decide(head, expected, ids);
    if (decision.kind !== 'write') return this.answer(decision, head);
    const unit = this.writer.newUnit();
    const created = this.now();
    const undeletesOriginal = isMetastream(stream) && isSoftDeleted(this.heads.decided(originalOf(stream)));
    let revision = head.last;
    let position: number;
    if (events.length === 0) position = this.writer.addFiller(unit, stream, created);
    else ({ last: revision, lastPosition: position } = this.writer.add(unit, stream, events, created));
    if (decision.undeletes) this.undelete(unit, stream, head.metadata?.raw, head.last + 1, created);
    const written = events.at(-1);
    if (undeletesOriginal && written?.isJson) {
      const original = originalOf(stream);
      this.undelete(unit, original, Buffer.from(written.data).toString('utf8'), this.heads.decided(original).last + 1, created);
    }
    await this.writer.write(unit);
    return { kind: 'written', revision, position };
  }

  /** Hides all events of a stream; appending to it later numbers on behind them. Answers the position of the deletion. */
  async delete(stream: string, expected: Expectation): Promise<AppendOutcome> {
    const head = this.standing(stream);
    const decision = this.writer.decide(head, expected, [newId()]);
    if (decision.kind !== 'write') return this.answer(decision, head);
    if (head.last < 0 && head.metadata === undefined) return this.answer({ kind: 'wrong-expected-version' }, head);
    const unit = this.writer.newUnit();
    const { lastPosition } = this.writer.add(unit, metastreamOf(stream), [metadataEvent(SOFT_DELETED_JSON)], this.now());
    await this.writer.write(unit);
    return { kind: 'written', revision: head.last, position: lastPosition };
  }

  /** Ends a stream for good, also one that never began. Answers the position of its last record. */
  async tombstone(stream: string, expected: Expectation): Promise<AppendOutcome> {
    const head = this.heads.decided(stream);
    const decision = this.writer.decide(head, expected, [newId()]);
    if (decision.kind !== 'write') return this.answer(decision, head);
    const unit = this.writer.newUnit();
    const event = { id: newId(), type: '$streamDeleted', isJson: false, data: Buffer.alloc(0), metadata: Buffer.alloc(0) };
    const { lastPosition } = this.writer.add(unit, stream, [event], this.now(), true);
    await this.writer.write(unit);
    return { kind: 'written', revision: head.last, position: lastPosition };
  }

  /** A small value kept beside the log (a group's definition); undefined removes it. Resolves once it is flushed. */
  async saveSetting(key: string, value: unknown): Promise<void> {
    const unit = this.writer.newUnit();
    unit.settings.push([key, value]);
    await this.writer.write(unit);
  }

  settingsFrom(prefix: string): { key: string; value: unknown }[] {
    return this.store.settingsFrom(prefix);
  }

  /** Finishes the writes under way and closes the files. */
  async close(): Promise<void> {
    await this.writer.close();
    await this.store.close();
  }

  /** As the next append finds it. Metadata that a tombstoned stream did not have before, it cannot get any more. */
  private standing(stream: string): StreamHead {
    const head = this.heads.decided(stream);
    const isEnded = isMetastream(stream) && head.last < 0 && this.heads.decided(originalOf(stream)).isTombstoned;
    return isEnded ? { ...head, isTombstoned: true } : head;
  }

  /** No answer rests on what a crash could still take back. */
  private async answer(
    decision: { kind: 'idempotent'; lastRevision: number } | { kind: 'wrong-expected-version' | 'stream-deleted' },
    head: StreamHead,
  ): Promise<AppendOutcome> {
    const names = [head.name, ...(isMetastream(head.name) ? [originalOf(head.name)] : [metastreamOf(head.name)])];
    if (names.some((name) => this.heads.hasUnflushed(name))) await this.writer.settled();
    switch (decision.kind) {
      case 'idempotent': {
        const position = this.read.event(head.name, decision.lastRevision)?.position;
        return { kind: 'written', revision: decision.lastRevision, position };
      }
      case 'wrong-expected-version':
        return { kind: 'wrong-expected-version', current: head.last };
      case 'stream-deleted':
        return { kind: 'stream-deleted' };
    }
  }

  private undelete(unit: ReturnType<LogWriter['newUnit']>, stream: string, raw: string | undefined, from: number, created: bigint): void {
    const json = undeletedMetadataJson(raw, from);
    if (json !== undefined) this.writer.add(unit, metastreamOf(stream), [metadataEvent(json)], created);
  }

  private readonly idAt = (head: StreamHead, revision: number): Buffer | undefined => {
    const position = this.store.position(head.number, revision);
    return position === undefined ? undefined : this.read.recordAt(position).id;
  };

  private readonly publish = (records: readonly WrittenRecord[], streams: readonly string[]): void => {
    for (const { record, bytes } of records) this.recent.push(record, bytes.length);
    const last = records.at(-1);
    if (!last) return;
    this.visibleEnd = last.record.position + last.record.span;
    this.wakeUps.appended(new Set(streams));
  };
}
