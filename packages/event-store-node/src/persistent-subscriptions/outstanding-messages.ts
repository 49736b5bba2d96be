import { performance } from 'node:perf_hooks';
import type { Connection } from './connection.js';
import type { GroupMessage } from './group-message.js';

export interface Outstanding {
  readonly message: GroupMessage;
  readonly connection: Connection;
  /** When it counts as not processed, in milliseconds on the monotonic clock. */
  readonly due: number;
  /** On the same clock. */
  readonly sentAt: number;
  /** On its way to the parked stream: nothing else may happen to it. */
  isParking: boolean;
}

/** Messages that consumers have and did not answer yet. All wait equally long, so the oldest is due first. */
export class OutstandingMessages {
  private readonly byKey = new Map<string, Outstanding>();

  get size(): number {
    return this.byKey.size;
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  add(message: GroupMessage, connection: Connection, due: number): void {
    this.byKey.set(message.key, { message, connection, due, sentAt: performance.now(), isParking: false });
    connection.inFlight += 1;
    connection.items.add();
  }

  get(key: string): Outstanding | undefined {
    return this.byKey.get(key);
  }

  remove(key: string): Outstanding | undefined {
    const found = this.byKey.get(key);
    if (!found) return undefined;
    this.byKey.delete(key);
    found.connection.inFlight -= 1;
    found.connection.latencies?.add(performance.now() - found.sentAt);
    return found;
  }

  of(connection: Connection): Outstanding[] {
    return [...this.byKey.values()].filter((outstanding) => outstanding.connection === connection);
  }

  nextDue(): number {
    for (const { due, isParking } of this.byKey.values()) if (!isParking) return due;
    return Infinity;
  }

  dueBy(now: number): Outstanding[] {
    const found: Outstanding[] = [];
    for (const outstanding of this.byKey.values()) {
      if (outstanding.isParking) continue;
      if (outstanding.due > now) break;
      found.push(outstanding);
    }
    return found;
  }

  /** The message that came first of all. */
  lowest(): GroupMessage | undefined {
    let lowest: GroupMessage | undefined;
    for (const { message } of this.byKey.values()) {
      if (message.sequence !== undefined && (lowest?.sequence === undefined || message.sequence < lowest.sequence)) lowest = message;
    }
    return lowest;
  }
}
