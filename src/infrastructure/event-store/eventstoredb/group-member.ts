import { PersistentSubscriptionDoesNotExistError, type PersistentSubscriptionToAllResolvedEvent as Received } from '@eventstore/db-client';
import type { ConsumerGroup, GroupConsumer, GroupHandler } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import type { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import { Backoff, pause } from '../shared/backoff.js';
import { ConsumerWork, loopOf } from '../shared/consumer-work.js';
import { PutAside } from '../shared/put-aside.js';
import type { ClientSource } from './client-source.js';
import { toRecordedEvent } from './codec.js';
import { createGroup, updateGroup } from './consumer-group-setup.js';
import { isLasting, within } from './faults.js';
import { GroupConnection } from './group-connection.js';
import type { EventStoreDbTimings } from './timings.js';

/** A connection that lasted this long has worked. */
const STABLE_MS = 5_000;

/** A consumer in a group, over any number of connections. */
export class GroupMember implements GroupConsumer {
  readonly #types: ReadonlySet<string>;
  readonly #work: ConsumerWork;
  readonly #putAside: PutAside;
  #left = false;
  #connection: GroupConnection | undefined;

  constructor(
    private readonly group: ConsumerGroup,
    handler: GroupHandler,
    private readonly clients: ClientSource,
    private readonly timings: EventStoreDbTimings,
    private readonly logger: Logger,
    private readonly loops: BackgroundLoops,
    private readonly onLeave: (member: GroupMember) => void,
  ) {
    this.#types = new Set(group.eventTypes);
    this.#putAside = new PutAside(timings, () => this.#replay());
    this.#work = new ConsumerWork(group, handler, timings, (fault) => clients.describe(fault));
  }

  /** Resolves once connected; from then on the member stays connected by itself. @throws EventLogUnavailable where that cannot ever succeed, or once it has left */
  async join(): Promise<void> {
    const first = await this.#connectUntilItSucceeds(true);
    void this.#stayConnected(first);
  }

  async stop(): Promise<void> {
    this.#connection?.pause(); // a message that is nacked now would come straight back: what is still on its way stays there until we leave
    for (const handed of this.#work.stop()) handed.refuse('retry', 'the consumer is stopping');
    await this.#work.settled();
    await this.#connection?.flush(this.timings.tryMs);
    await this.abandon();
  }

  abandon(): Promise<void> {
    this.#work.stop();
    this.#left = true;
    this.#putAside.end();
    this.loops.isOver(loopOf(this.group));
    this.#connection?.close(new Error('the consumer left'));
    this.onLeave(this);
    return Promise.resolve();
  }

  async #stayConnected(first: GroupConnection): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.timings;
    const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
    let connection: GroupConnection = first;
    for (;;) {
      const since = performance.now();
      const reason = await connection.ended;
      this.#work.dropClosed();
      if (this.#work.stopping.aborted) return;
      this.logger.warn(`consumer group ${this.group.name}: connection lost, reconnecting: ${this.clients.describe(reason)}`);
      // A connection that comes about and breaks at once, again and again, is not to be a busy loop either.
      if (performance.now() - since > STABLE_MS) backoff.reset();
      await backoff.pause(this.#work.stopping);
      if (this.#work.stopping.aborted) return;
      const next = await this.#connectWheneverPossible();
      if (!next) return;
      connection = next;
    }
  }

  /** Who may not consume now may be allowed to later. Undefined once the member has left. */
  async #connectWheneverPossible(): Promise<GroupConnection | undefined> {
    for (;;) {
      try {
        const connection = await this.#connectUntilItSucceeds(false);
        this.loops.goesOn(loopOf(this.group));
        return connection;
      } catch (fault) {
        if (this.#work.stopping.aborted) return undefined;
        this.loops.standsStill(loopOf(this.group), this.clients.describe(fault));
        await pause(this.timings.lastingPauseMs, this.#work.stopping);
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
        const onReceived = (message: Received, from: GroupConnection) => this.#receive(message, from);
        const connection = await GroupConnection.open(client, name, bufferSize, onReceived, tryMs);
        if (this.#left) connection.close(new Error('the consumer left'));
        this.#connection = connection;
        if (!this.#left) this.#putAside.begin();
        return connection;
      } catch (fault) {
        if (isLasting(fault))
          throw new EventLogUnavailable(`joining group ${this.group.name} failed: ${this.clients.describe(fault)}`, { cause: fault });
        // A group that was deleted in this moment is made again; anything else may be a fault of the connection.
        if (!(fault instanceof PersistentSubscriptionDoesNotExistError)) this.clients.replace(client);
        if (!told) this.logger.warn(`consumer group ${this.group.name}: cannot join yet: ${this.clients.describe(fault)}`);
      }
      await backoff.pause(this.#work.stopping);
      if (this.#work.stopping.aborted) throw new EventLogUnavailable(`the consumer left group ${this.group.name}`);
    }
  }

  /** What cannot be replayed now is the next time. */
  async #replay(): Promise<void> {
    const replayed = this.clients.get().replayParkedMessagesToAll(this.group.name);
    await within(this.timings.tryMs, `replaying what was put aside in ${this.group.name}`, replayed).catch((fault: unknown) =>
      this.logger.warn(`consumer group ${this.group.name}: what was put aside is not delivered again yet: ${this.clients.describe(fault)}`),
    );
  }

  #receive(message: Received, connection: GroupConnection): void {
    const { event, commitPosition, retryCount } = message;
    // Not of the asked types (the group was made with others), or without an event (it was deleted): not for anybody here.
    if (!event || !this.#types.has(event.type)) return connection.ack(message);
    if (this.#work.stopping.aborted) return;
    this.#work.take({
      delivery: { event: toRecordedEvent(event, commitPosition), retryCount },
      get open() {
        return connection.open;
      },
      ack: () => connection.ack(message),
      refuse: (action, reason) => {
        if (action === 'park') this.#putAside.more();
        connection.nack(action, reason, message);
      },
    });
  }
}
