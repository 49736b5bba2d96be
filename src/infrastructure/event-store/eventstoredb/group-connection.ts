import type { EventStoreDBClient, PersistentSubscriptionToAll, PersistentSubscriptionToAllResolvedEvent } from '@eventstore/db-client';
import { NoAnswer, within } from './faults.js';

type Received = PersistentSubscriptionToAllResolvedEvent;

/**
 * One connection of a consumer to its group. Acknowledgements of the same turn of the event loop travel as one message. Whatever is said over a connection
 * that has ended is dropped: the server delivers again what it heard no verdict of.
 */
export class GroupConnection {
  /** Settles with the reason once the connection has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  #subscription: PersistentSubscriptionToAll;
  #end!: (reason: unknown) => void;
  #open = true;
  #toAck: Received[] = [];

  private constructor(
    private readonly client: EventStoreDBClient,
    private readonly groupName: string,
    bufferSize: number,
    onReceived: (received: Received, connection: GroupConnection) => void,
  ) {
    this.#subscription = client.subscribeToPersistentSubscriptionToAll(groupName, { bufferSize });
    this.ended = new Promise((resolve) => (this.#end = resolve));
    // Any of the three is a drop, after which the client does not subscribe again by itself. The error listener stays, or a late one would end the process.
    this.#subscription.on('error', (fault) => this.close(fault));
    this.#subscription.on('end', () => this.close(new Error('the server ended it')));
    this.#subscription.on('close', () => this.close(new Error('it was closed')));
    this.#subscription.on('data', (received: Received) => this.#open && onReceived(received, this));
  }

  /** Resolves once the server has confirmed the consumer. @throws what ended the connection instead; NoAnswer */
  static async open(
    client: EventStoreDBClient,
    groupName: string,
    bufferSize: number,
    onReceived: (received: Received, connection: GroupConnection) => void,
    tryMs: number,
  ): Promise<GroupConnection> {
    const connection = new GroupConnection(client, groupName, bufferSize, onReceived);
    const confirmed = new Promise<void>((resolve, reject) => {
      connection.#subscription.once('confirmation', resolve);
      void connection.ended.then((reason) => reject(reason instanceof Error ? reason : new NoAnswer(String(reason))));
    });
    try {
      await within(tryMs, `joining ${groupName}`, confirmed);
      return connection;
    } catch (fault) {
      connection.close(fault);
      throw fault;
    }
  }

  get open(): boolean {
    return this.#open;
  }

  ack(received: Received): void {
    if (!this.#open) return;
    if (this.#toAck.push(received) === 1) setImmediate(() => this.#sendAcks());
  }

  nack(action: 'retry' | 'park', reason: string, received: Received): void {
    if (this.#open) this.#subscription.nack(action, reason, received).catch(() => undefined);
  }

  /** Takes nothing more from the server. */
  pause(): void {
    this.#subscription.pause();
  }

  /**
   * Lets the verdicts given so far reach the server. Closing cancels the call, which overtakes what was written to it; the answer to a later question over
   * the same connection is the sign that they have arrived.
   */
  async flush(ms: number): Promise<void> {
    this.#sendAcks();
    if (this.#open) await within(ms, 'flush', this.client.getPersistentSubscriptionToAllInfo(this.groupName)).catch(() => undefined);
  }

  close(reason: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    this.#toAck = [];
    this.#subscription.unsubscribe().catch(() => undefined);
    this.#subscription.destroy();
    this.#end(reason);
  }

  #sendAcks(): void {
    const acks = this.#toAck;
    this.#toAck = [];
    if (this.#open && acks.length > 0)
      this.#subscription.ack(...(acks as Parameters<PersistentSubscriptionToAll['ack']>)).catch(() => undefined);
  }
}
