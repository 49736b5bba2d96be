import { randomUUID } from 'node:crypto';
import type { ResolvedEvent } from '../log/link.js';

/** A consumer as the group sees it: where its events go. */
export interface Consumer {
  /** As the client names its connection. */
  readonly name: string;
  /** Events it takes before it has answered any. */
  readonly bufferSize: number;
  send(event: ResolvedEvent, retryCount: number): void;
  /** The group is gone, or no longer what it was: the consumer is told and must connect again. */
  drop(): void;
}

/** A consumer of one group, and what it has not answered yet. */
export class Connection {
  readonly id = randomUUID();
  inFlight = 0;
  totalItems = 0;

  constructor(readonly consumer: Consumer) {}

  get hasRoom(): boolean {
    return this.inFlight < this.consumer.bufferSize;
  }
}
