import { isWanted, prefixFilter, regexFilter, type EventFilter } from '../log/event-filter.js';
import type { StreamLog } from '../log/stream-log.js';
import { TOMBSTONE_REVISION, type EventRecord } from '../log/event-record.js';
import { ALL_STREAM, type GroupDefinition, type GroupFilter, type GroupStart } from './group-definition.js';

export interface SourceEvent {
  readonly record: EventRecord;
  /** Revision or position. */
  readonly place: number;
}

export interface SourcePage {
  readonly events: readonly SourceEvent[];
  /** Where to go on. */
  readonly next: number;
  /** Place of the last record considered, wanted or not. */
  readonly considered: number | undefined;
  /** Records that were not wanted, behind the last wanted one. */
  readonly passed: number;
  readonly isEnd: boolean;
}

/** What a group reads: one stream by revision, or `$all` by position. */
export interface GroupSource {
  read(from: number, limit: number): SourcePage;
  /** Where a start, or a checkpoint, makes it go on. */
  startPlace(start: GroupStart): number;
  after(place: number): number;
  /** A place as it stands in checkpoints and statistics. */
  textOf(place: number): string;
  /** Undefined for a text that names none: clients can write to the streams that checkpoints are kept in. */
  placeOf(text: string): number | undefined;
  listen(listener: () => void): () => void;
}

export const groupSource = (log: StreamLog, { source, filter }: GroupDefinition): GroupSource =>
  source === ALL_STREAM ? new AllSource(log, filter && filterOf(filter)) : new StreamSource(log, source);

const filterOf = ({ on, regex, prefixes }: GroupFilter): EventFilter =>
  regex === '' ? prefixFilter(on, prefixes) : regexFilter(on, regex);

class StreamSource implements GroupSource {
  constructor(
    private readonly log: StreamLog,
    private readonly stream: string,
  ) {}

  read(from: number, limit: number): SourcePage {
    const page = this.log.read.stream(this.stream, from, 'forwards', limit);
    const isTombstoned = page.status === 'deleted' && from < TOMBSTONE_REVISION;
    const records = isTombstoned ? this.log.read.everything(this.stream, TOMBSTONE_REVISION, 1) : page.events;
    const next = isTombstoned ? Infinity : Math.max(from, page.next);
    const events = records.map((record) => ({ record, place: record.revision }));
    return { events, next, considered: events.at(-1)?.place, passed: 0, isEnd: page.isEnd };
  }

  startPlace(start: GroupStart): number {
    return start === 'end' ? this.log.read.head(this.stream).last + 1 : start;
  }

  after(place: number): number {
    return place + 1;
  }

  textOf(place: number): string {
    return String(place);
  }

  placeOf(text: string): number | undefined {
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  listen(listener: () => void): () => void {
    return this.log.wakeUps.listen(this.stream, listener);
  }
}

/** Records looked at in one go where few are wanted. */
const WINDOW = 500;

class AllSource implements GroupSource {
  constructor(
    private readonly log: StreamLog,
    private readonly filter: EventFilter | undefined,
  ) {}

  /** From any position, also one within a record: the first event is the first that begins there or behind it. */
  read(from: number, limit: number): SourcePage {
    if (from >= this.log.end) return { events: [], next: from, considered: undefined, passed: 0, isEnd: true };
    const page = this.log.read.all(this.log.read.placeFrom(from), 'forwards', this.filter ? WINDOW : limit);
    const events: SourceEvent[] = [];
    let considered: number | undefined;
    let passed = 0;
    for (const record of page.events) {
      considered = record.position;
      passed += 1;
      if (!isWanted(this.filter, record)) continue;
      events.push({ record, place: record.position });
      passed = 0;
      if (events.length === limit) return { events, next: record.position + record.span, considered, passed, isEnd: false };
    }
    return { events, next: page.next, considered, passed, isEnd: page.isEnd };
  }

  startPlace(start: GroupStart): number {
    return start === 'end' ? this.log.end : start;
  }

  after(place: number): number {
    return place + 1;
  }

  textOf(place: number): string {
    return `C:${place}/P:${place}`;
  }

  placeOf(text: string): number | undefined {
    const [, commit] = /^C:(\d{1,15})\//.exec(text) ?? [];
    return commit === undefined ? undefined : Number(commit);
  }

  listen(listener: () => void): () => void {
    return this.log.wakeUps.listen(undefined, listener);
  }
}
