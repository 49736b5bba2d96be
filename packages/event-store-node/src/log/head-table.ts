import { LRUCache } from 'lru-cache';
import { emptyHead, type StreamHead } from './stream-head.js';

interface Unflushed {
  /** What readers see. */
  visible: StreamHead;
  /** What the next append is decided on. */
  decided: StreamHead;
  /** Appends that are decided and not yet flushed. */
  writes: number;
  /** Ids of the events from revision `visible.last + 1` on. */
  readonly ids: Buffer[];
}

const CACHED_HEADS = 10_000;

/**
 * The heads of streams in two states: as flushed (for readers) and as decided (for the writer, who runs ahead of the
 * disk). Only streams with unflushed writes and the recently used ones are held in memory.
 */
export class HeadTable {
  private readonly unflushed = new Map<string, Unflushed>();
  private readonly cache = new LRUCache<string, StreamHead>({ max: CACHED_HEADS });

  constructor(private readonly load: (name: string) => StreamHead | undefined) {}

  visible(name: string): StreamHead {
    return this.unflushed.get(name)?.visible ?? this.flushed(name);
  }

  decided(name: string): StreamHead {
    return this.unflushed.get(name)?.decided ?? this.flushed(name);
  }

  hasUnflushed(name: string): boolean {
    return this.unflushed.has(name);
  }

  /** The id of an event that is decided and not yet flushed. */
  unflushedId(name: string, revision: number): Buffer | undefined {
    const entry = this.unflushed.get(name);
    return entry?.ids[revision - entry.visible.last - 1];
  }

  decide(head: StreamHead, ids: readonly Buffer[]): void {
    let entry = this.unflushed.get(head.name);
    if (!entry) {
      entry = { visible: this.flushed(head.name), decided: head, writes: 0, ids: [] };
      this.unflushed.set(head.name, entry);
    }
    entry.decided = head;
    entry.writes += 1;
    entry.ids.push(...ids);
  }

  /** Makes one decided head, in the order of the decisions, the one that readers see. */
  publish(head: StreamHead): void {
    const entry = this.unflushed.get(head.name);
    if (!entry) return;
    if (head.last > entry.visible.last) entry.ids.splice(0, head.last - entry.visible.last);
    entry.visible = head;
    entry.writes -= 1;
    if (entry.writes > 0) return;
    this.unflushed.delete(head.name);
    this.cache.set(head.name, head);
  }

  private flushed(name: string): StreamHead {
    const cached = this.cache.get(name);
    if (cached) return cached;
    const head = this.load(name) ?? emptyHead(name);
    this.cache.set(name, head);
    return head;
  }
}
