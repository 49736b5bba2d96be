import type { GroupMessage } from './group-message.js';

/** Messages that no consumer has: those to retry, in their old order, and behind them those read from the source. */
export class WaitingMessages {
  private readonly retries: GroupMessage[] = [];
  private readonly read: GroupMessage[] = [];

  get retryCount(): number {
    return this.retries.length;
  }

  get readCount(): number {
    return this.read.length;
  }

  add(message: GroupMessage): void {
    this.read.push(message);
  }

  /** Replayed parked events have no order of their own: they come last of the retries. */
  retry(message: GroupMessage): void {
    const { sequence } = message;
    const at = sequence === undefined ? -1 : this.retries.findIndex((other) => other.sequence === undefined || other.sequence > sequence);
    if (at < 0) this.retries.push(message);
    else this.retries.splice(at, 0, message);
  }

  /** The retry that came first of all, by its old order. */
  lowestRetry(): GroupMessage | undefined {
    const first = this.retries[0];
    return first?.sequence === undefined ? undefined : first;
  }

  /** Offers each message in turn; `sent` takes it out, `skipped` leaves it, `full` ends the round. */
  offer(give: (message: GroupMessage) => 'sent' | 'skipped' | 'full'): void {
    for (const list of [this.retries, this.read]) if (!offerFrom(list, give)) return;
  }
}

/** Answers whether to go on. Sent messages are taken out in one go, for there may be many. */
function offerFrom(list: GroupMessage[], give: (message: GroupMessage) => 'sent' | 'skipped' | 'full'): boolean {
  const kept: GroupMessage[] = [];
  let index = 0;
  let isFull = false;
  for (; index < list.length && !isFull; index++) {
    const message = list[index];
    if (!message) continue;
    const result = give(message);
    if (result === 'full') {
      isFull = true;
      break;
    }
    if (result === 'skipped') kept.push(message);
  }
  list.splice(0, index, ...kept);
  return !isFull;
}
