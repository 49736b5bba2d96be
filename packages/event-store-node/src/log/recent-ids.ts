import { LRUCache } from 'lru-cache';

const REMEMBERED = 50_000;

interface Written {
  readonly streamNumber: number;
  readonly revision: number;
}

/**
 * Where ids were lately written: what makes appends without an exact revision repeatable. An id counts where it was written
 * first, as in the server this one follows; writing it to a second stream is not remembered.
 */
export class RecentIds {
  private readonly written = new LRUCache<string, Written>({ max: REMEMBERED });

  remember(streamNumber: number, id: Buffer, revision: number): void {
    const key = id.toString('latin1');
    if (!this.written.has(key)) this.written.set(key, { streamNumber, revision });
  }

  revisionOf(streamNumber: number, id: Buffer): number | undefined {
    const found = this.written.get(id.toString('latin1'));
    return found?.streamNumber === streamNumber ? found.revision : undefined;
  }
}
