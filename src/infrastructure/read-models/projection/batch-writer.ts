import type { RecordedEvent } from '../../../application/ports/event-log.js';

/** Events in one transaction at most. */
const BATCH = 500;
/**
 * How long a first event waits for more when nothing is being written, in milliseconds: the events of a run come a few at a time, and a batch costs about as much as
 * twenty events.
 */
const GATHERING_MS = 10;
/** After a batch the next one waits as long as that one took, this many times: under load a few large batches cost far less than many small ones. */
const REST = 2;
/** … but not longer than this, in milliseconds. */
const LONGEST_REST_MS = 50;

export interface Batches {
  /** Stores a batch, which follows all that was stored before. */
  write(events: readonly RecordedEvent[], after: bigint): Promise<void>;
  /** Everything up to the position is stored or passed over. */
  upToDate(position: bigint): void;
  /** Nothing more will be written. */
  broken(): void;
}

/**
 * Turns a feed into batches, one written at a time. What arrives while one is being written is the next one: small when idle, large under load. After a
 * fault nothing is written any more, for a later batch's checkpoint would pass the one that is lost.
 */
export class BatchWriter {
  private waiting: RecordedEvent[] = [];
  private writing: Promise<void> | undefined;
  private fault: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isUrgent = false;
  /** On the monotonic clock, in milliseconds. */
  private restsUntil = 0;

  /** @param position up to which everything is stored */
  constructor(
    private readonly batches: Batches,
    private position: bigint,
    private stored = position,
  ) {}

  /** Takes the next events; urgent ones, and those before them, are not kept waiting for more. Waits while more than make a batch are waiting. @throws what writing threw */
  async add(events: readonly RecordedEvent[], isUrgent = false): Promise<void> {
    this.check();
    this.waiting.push(...events);
    this.position = events.at(-1)!.position;
    this.isUrgent ||= isUrgent;
    this.plan();
    while (this.waiting.length >= BATCH && this.writing) await this.writing;
    this.check();
  }

  /** Everything up to the position that is not taken is to be passed over. @throws what writing threw */
  pass(position: bigint): void {
    this.check();
    if (position > this.position) this.position = position;
    if (this.waiting.length === 0 && !this.writing) this.batches.upToDate(this.position);
  }

  /** What waits is urgent. */
  hurry(): void {
    if (this.waiting.length === 0 || this.isUrgent) return;
    this.isUrgent = true;
    this.plan();
  }

  /** Waits for what was taken. @throws what writing threw */
  async end(): Promise<void> {
    while (this.writing ?? (this.fault === undefined && this.waiting.length > 0)) {
      if (this.writing) await this.writing;
      else this.next();
    }
    this.check();
  }

  /** Has the next batch written when it is time. */
  private plan(): void {
    if (this.writing || this.waiting.length === 0) return;
    if (this.waiting.length >= BATCH) return this.next();
    if (this.timer && !this.isUrgent) return;
    clearTimeout(this.timer);
    const restMs = this.restsUntil - performance.now();
    const waitMs = this.isUrgent ? restMs : Math.max(restMs, GATHERING_MS);
    if (waitMs <= 0) this.next();
    else this.timer = setTimeout(() => this.next(), waitMs);
  }

  private next(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isUrgent = false;
    const events = this.waiting.splice(0, BATCH);
    const began = performance.now();
    this.writing = this.write(events).then(() => {
      const now = performance.now();
      this.writing = undefined;
      this.restsUntil = now + Math.min(LONGEST_REST_MS, (now - began) * REST);
      if (this.fault !== undefined) this.batches.broken();
      else if (this.waiting.length > 0) this.plan();
      else this.batches.upToDate(this.position);
    });
  }

  private async write(events: readonly RecordedEvent[]): Promise<void> {
    try {
      await this.batches.write(events, this.stored);
      this.stored = events.at(-1)!.position;
    } catch (error) {
      this.fault = error instanceof Error ? error : new Error(String(error));
    }
  }

  private check(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}
