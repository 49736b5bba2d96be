import { randomUUID } from 'node:crypto';
import type { ResolvedEvent } from '../log/link.js';
import { ItemCounter, type LatencyWindow } from './measurements.js';

/** A consumer as the group sees it: where its events go. */
export interface Consumer {
  /** As the client names its connection. */
  readonly name: string;
  /** Who it is. */
  readonly user: string;
  /** Events it takes before it has answered any. */
  readonly bufferSize: number;
  send(event: ResolvedEvent, retryCount: number): void;
  /** Whether an event must come to this consumer, whatever the group's strategy, as long as it is connected: it is at work on it already. */
  owns?(event: ResolvedEvent): boolean;
  /** Whether an event is known to be dealt with: it is done for the group, and handed to nobody. */
  settles?(event: ResolvedEvent): boolean;
  /** The group is gone, or no longer what it was: the consumer is told and must connect again. */
  drop(): void;
}

/** A consumer of one group, and what it has not answered yet. */
export class Connection {
  readonly id = randomUUID();
  readonly items = new ItemCounter();
  inFlight = 0;

  constructor(
    readonly consumer: Consumer,
    /** Only where the group keeps extra statistics. */
    readonly latencies: LatencyWindow | undefined,
  ) {}

  get hasRoom(): boolean {
    return this.inFlight < this.consumer.bufferSize;
  }
}
