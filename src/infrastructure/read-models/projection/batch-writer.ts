import type { RecordedEvent } from '../../../application/ports/event-log.js';

/** Events in one transaction at most. */
const BATCH = 500;

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

  /** @param position up to which everything is stored */
  constructor(
    private readonly batches: Batches,
    private position: bigint,
    private stored = position,
  ) {}

  /** Takes the next event. Waits while as many as make a batch are waiting. @throws what writing threw */
  async add(event: RecordedEvent): Promise<void> {
    this.check();
    this.waiting.push(event);
    this.position = event.position;
    if (!this.writing) this.next();
    while (this.waiting.length >= BATCH && this.writing) await this.writing;
    this.check();
  }

  /** Everything up to the position that is not taken is to be passed over. @throws what writing threw */
  pass(position: bigint): void {
    this.check();
    if (position > this.position) this.position = position;
    if (!this.writing) this.batches.upToDate(this.position);
  }

  /** Waits for what was taken. @throws what writing threw */
  async end(): Promise<void> {
    while (this.writing) await this.writing;
    this.check();
  }

  private next(): void {
    const events = this.waiting;
    this.waiting = [];
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
