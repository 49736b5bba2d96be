import type { EventRecord } from './event-record.js';

const MOST_RECORDS = 2_048;
const MOST_BYTES = 16 * 1024 * 1024;

interface Entry {
  readonly record: EventRecord;
  readonly size: number;
}

/** The newest records in memory, so that many live subscriptions cost no decoding and no disk access. */
export class RecentRecords {
  private entries: Entry[] = [];
  private from = 0;
  private size = 0;

  /** @param size of its bytes */
  push(record: EventRecord, size: number): void {
    this.entries.push({ record, size });
    this.size += size;
    while (this.entries.length - this.from > MOST_RECORDS || this.size > MOST_BYTES) this.size -= this.entries[this.from++]?.size ?? 0;
    // Half of them gone: let go of those as well.
    if (this.from * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.from);
      this.from = 0;
    }
  }

  at(position: number): EventRecord | undefined {
    const record = this.entries[this.indexOf(position)]?.record;
    return record?.position === position ? record : undefined;
  }

  /** Records from a position upwards, or undefined where that reaches back further than this memory. */
  forwards(from: number, before: number, limit: number): EventRecord[] | undefined {
    const oldest = this.entries[this.from];
    if (!oldest || from < oldest.record.position) return undefined;
    const found: EventRecord[] = [];
    for (let index = this.indexOf(from); found.length < limit; index++) {
      const record = this.entries[index]?.record;
      if (!record || record.position >= before) break;
      found.push(record);
    }
    return found;
  }

  /** Index of the first entry at or above a position. */
  private indexOf(position: number): number {
    let low = this.from;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.record.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
