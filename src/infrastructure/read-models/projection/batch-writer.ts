import type { RecordedEvent } from '../../../application/ports/event-log.js';

/** Events in one transaction at most. */
const BATCH = 500;
/**
 * How long a first event waits for more when nothing is being written, in milliseconds: the events of a run come a few at a time, within that, and a batch costs
 * about as much as twenty events.
 */
const GATHERING_MS = 5;

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
  private gathering: NodeJS.Timeout | undefined;

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
    if (isUrgent || this.waiting.length >= BATCH) this.hurry();
    else if (!this.writing) this.gathering ??= setTimeout(() => this.hurry(), GATHERING_MS);
    while (this.waiting.length >= BATCH && this.writing) await this.writing;
    this.check();
  }

  /** Everything up to the position that is not taken is to be passed over. @throws what writing threw */
  pass(position: bigint): void {
    this.check();
    if (position > this.position) this.position = position;
    if (this.waiting.length === 0 && !this.writing) this.batches.upToDate(this.position);
  }

  /** Writes what waits, now or with the next batch. */
  hurry(): void {
    if (this.waiting.length > 0 && !this.writing) this.next();
  }

  /** Waits for what was taken. @throws what writing threw */
  async end(): Promise<void> {
    if (this.fault === undefined) this.hurry();
    while (this.writing) await this.writing;
    this.check();
  }

  private next(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const events = this.waiting.splice(0, BATCH);
    this.writing = this.write(events).then(() => {
      this.writing = undefined;
      if (this.fault !== undefined) this.batches.broken();
      else if (this.waiting.length > 0) this.next();
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
