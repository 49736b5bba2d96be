import { setMaxListeners } from 'node:events';
import { PersistentSubscriptionDoesNotExistError, type PersistentSubscriptionToAllResolvedEvent } from '@eventstore/db-client';
import type { ConsumerGroup, Delivery, GroupConsumer, Verdict } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import { Backoff, pause } from './backoff.js';
import type { ClientSource } from './client-source.js';
import { toRecordedEvent } from './codec.js';
import { createGroup, updateGroup } from './consumer-group-setup.js';
import { isLasting, within } from './faults.js';
import { GroupConnection } from './group-connection.js';
import type { EventStoreDbTimings } from './timings.js';

/** A connection that lasted this long has worked. */
const STABLE_MS = 5_000;

interface Received {
  readonly message: PersistentSubscriptionToAllResolvedEvent;
  readonly connection: GroupConnection;
}

/**
 * A consumer in a group, over any number of connections. At most `bufferSize` handlers run at once, those of an earlier connection included; the server
 * sends no more than that without a verdict, so what waits here is bounded too.
 */
export class GroupMember implements GroupConsumer {
  readonly #types: ReadonlySet<string>;
  readonly #working = new Set<Promise<void>>();
  /** Aborted when the member hands out nothing more. */
  readonly #stopping = new AbortController();
  /** Aborted when the member is gone. */
  readonly #left = new AbortController();
  #waiting: Received[] = [];
  #connection: GroupConnection | undefined;

  constructor(
    private readonly group: ConsumerGroup,
    private readonly handle: (delivery: Delivery) => Promise<Verdict>,
    private readonly clients: ClientSource,
    private readonly timings: EventStoreDbTimings,
    private readonly logger: Logger,
    private readonly onLeave: (member: GroupMember) => void,
  ) {
    this.#types = new Set(group.eventTypes);
    setMaxListeners(0, this.#stopping.signal); // one per delivery that waits to be retried
  }

  /** Resolves once connected; from then on the member stays connected by itself. @throws EventLogUnavailable where that cannot ever succeed, or once it has left */
  async join(): Promise<void> {
    const first = await this.#connectUntilItSucceeds(true);
    void this.#stayConnected(first);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#connection?.pause(); // a message that is nacked now would come straight back: what is still on its way stays there until we leave
    for (const { message, connection } of this.#waiting.splice(0)) connection.nack('retry', 'the consumer is stopping', message);
    while (this.#working.size > 0) await Promise.all(this.#working);
    await this.#connection?.flush(this.timings.tryMs);
    await this.abandon();
  }

  abandon(): Promise<void> {
    this.#stopping.abort();
    this.#left.abort();
    this.#waiting = [];
    this.#connection?.close(new Error('the consumer left'));
    this.onLeave(this);
    return Promise.resolve();
  }

  async #stayConnected(first: GroupConnection): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.timings;
    const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
    let connection: GroupConnection = first;
    for (;;) {
      const since = Date.now();
      const reason = await connection.ended;
      this.#waiting = this.#waiting.filter((received) => received.connection.open); // the server delivers the others again
      if (this.#stopping.signal.aborted) return;
      this.logger.warn(`consumer group ${this.group.name}: connection lost, reconnecting: ${this.clients.describe(reason)}`);
      // A connection that comes about and breaks at once, again and again, is not to be a busy loop either.
      if (Date.now() - since > STABLE_MS) backoff.reset();
      await backoff.pause(this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      try {
        connection = await this.#connectUntilItSucceeds(false);
      } catch (fault) {
        if (!this.#stopping.signal.aborted)
          this.logger.error(`consumer group ${this.group.name}: gave up: ${this.clients.describe(fault)}`);
        return;
      }
    }
  }

  async #connectUntilItSucceeds(joining: boolean): Promise<GroupConnection> {
    const { firstPauseMs, longestPauseMs, tryMs } = this.timings;
    const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
    for (let told = !joining; ; told = true) {
      const client = this.clients.get();
      try {
        await within(tryMs, `making group ${this.group.name}`, createGroup(client, this.group));
        if (joining) await within(tryMs, `updating group ${this.group.name}`, updateGroup(client, this.group));
        const { name, bufferSize } = this.group;
        const onReceived = (message: Received['message'], connection: GroupConnection) => this.#receive({ message, connection });
        const connection = await GroupConnection.open(client, name, bufferSize, onReceived, tryMs);
        if (this.#left.signal.aborted) connection.close(new Error('the consumer left'));
        this.#connection = connection;
        return connection;
      } catch (fault) {
        if (isLasting(fault))
          throw new EventLogUnavailable(`joining group ${this.group.name} failed: ${this.clients.describe(fault)}`, { cause: fault });
        // A group that was deleted in this moment is made again; anything else may be a fault of the connection.
        if (!(fault instanceof PersistentSubscriptionDoesNotExistError)) this.clients.replace(client);
        if (!told) this.logger.warn(`consumer group ${this.group.name}: cannot join yet: ${this.clients.describe(fault)}`);
      }
      await backoff.pause(this.#stopping.signal);
      if (this.#stopping.signal.aborted) throw new EventLogUnavailable(`the consumer left group ${this.group.name}`);
    }
  }

  #receive(received: Received): void {
    const { event } = received.message;
    // Not of the asked types (the group was made with others), or without an event (it was deleted): not for anybody here.
    if (!event || !this.#types.has(event.type)) return received.connection.ack(received.message);
    if (this.#stopping.signal.aborted) return;
    this.#waiting.push(received);
    this.#handOut();
  }

  #handOut(): void {
    while (this.#working.size < this.group.bufferSize && !this.#stopping.signal.aborted) {
      const next = this.#waiting.shift();
      if (!next) return;
      const work = this.#work(next).finally(() => {
        this.#working.delete(work);
        this.#handOut();
      });
      this.#working.add(work);
    }
  }

  async #work({ message, connection }: Received): Promise<void> {
    const verdict = await this.#verdictOn(message);
    if (verdict.kind === 'ack') return connection.ack(message);
    if (verdict.kind === 'park') return connection.nack('park', verdict.reason, message);
    // The server delivers again at once, so the pause is made here, with the delivery still in work: a failing dependency is not stormed.
    if (connection.open) await pause(this.#retryPauseMs(message.retryCount), this.#stopping.signal);
    connection.nack('retry', verdict.reason, message);
  }

  async #verdictOn({ event, commitPosition, retryCount }: Received['message']): Promise<Verdict> {
    try {
      return await this.handle({ event: toRecordedEvent(event!, commitPosition), retryCount });
    } catch (fault) {
      return { kind: 'retry', reason: this.clients.describe(fault) };
    }
  }

  /** Stays well below the group's message timeout, after which the server would deliver again by itself. */
  #retryPauseMs(retryCount: number): number {
    const { firstRetryPauseMs, longestRetryPauseMs } = this.timings;
    const { messageTimeoutMs } = this.group;
    const longest = messageTimeoutMs > 0 ? Math.min(longestRetryPauseMs, messageTimeoutMs / 4) : longestRetryPauseMs;
    return Math.min(longest, firstRetryPauseMs * 2 ** Math.min(retryCount, 16));
  }
}
