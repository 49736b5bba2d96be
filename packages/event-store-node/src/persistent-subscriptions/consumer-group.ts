import type { StreamLog } from '../log/stream-log.js';
import { LONGEST_TIMER_MS } from '../longest-timer.js';
import { Connection, type Consumer } from './connection.js';
import { consumerStrategy, type ConsumerStrategy } from './consumer-strategy.js';
import { GroupCheckpoint } from './group-checkpoint.js';
import type { GroupDefinition } from './group-definition.js';
import { keyOf, newMessage, retried, type GroupMessage } from './group-message.js';
import { groupSource, type GroupSource } from './group-source.js';
import { ItemCounter, LatencyWindow } from './measurements.js';
import { OutstandingMessages, type Outstanding } from './outstanding-messages.js';
import { ParkedMessages } from './parked-messages.js';
import { WaitingMessages } from './waiting-messages.js';

export type NackAction = 'retry' | 'park' | 'skip' | 'stop';

/** Events read in one go, where the settings say none. */
const DEFAULT_BATCH = 20;
/** When a message is due again whose group has a time-out of 0: the real server takes it at its next tick. */
const NO_TIMEOUT_MS = 1_000;
/** Pages read before others get their turn, where few events are wanted. */
const PAGES_AT_ONCE = 4;

/**
 * Competing consumers over a stream or `$all`: each event goes to one consumer, and stays outstanding until it is
 * acknowledged, refused, or its time is up. At least once: a checkpoint never passes an event that is not done.
 */
export class ConsumerGroup {
  readonly parked: ParkedMessages;
  readonly connections: Connection[] = [];
  private readonly source: GroupSource;
  private readonly checkpoint: GroupCheckpoint;
  private readonly strategy: ConsumerStrategy;
  private readonly waiting = new WaitingMessages();
  private readonly outstanding = new OutstandingMessages();
  private readonly stopListening: () => void;
  private next: number;
  private nextSequence = 0;
  private isAtEnd = false;
  /** Place of the last record read, wanted or not. */
  private considered: number | undefined;
  private lastSent: number | undefined;
  private lastKnown: number | undefined;
  private readonly items = new ItemCounter();
  /** Messages done, and unwanted records passed, since the last checkpoint. */
  private done = 0;
  private passed = 0;
  private checkpointAt = performance.now();
  private checkpointTimer: NodeJS.Timeout | undefined;
  private timeout: NodeJS.Timeout | undefined;
  private timeoutDue = Infinity;
  private turn: NodeJS.Immediate | undefined;
  private isEnded = false;

  constructor(
    private readonly log: StreamLog,
    readonly definition: GroupDefinition,
  ) {
    this.source = groupSource(log, definition);
    this.checkpoint = new GroupCheckpoint(log, this.source, definition);
    this.parked = new ParkedMessages(log, definition);
    this.strategy = consumerStrategy(definition.settings.strategy);
    const place = this.checkpoint.place;
    this.considered = place;
    this.next = place === undefined ? this.source.startPlace(definition.start) : this.source.after(place);
    this.stopListening = this.source.listen(() => this.soon());
    this.soon();
  }

  /** Figures of now. Its rate is that since the figures were asked for before. */
  measure() {
    const { retryCount, readCount } = this.waiting;
    const textOf = (place: number | undefined): string => (place === undefined ? '' : this.source.textOf(place));
    return {
      status: this.isAtEnd ? 'Live' : 'Behind',
      items: this.items.measure(),
      lastCheckpointed: textOf(this.checkpoint.place),
      lastKnown: textOf(this.lastKnown),
      readBufferCount: readCount,
      retryBufferCount: retryCount,
      outstanding: this.outstanding.size,
    };
  }

  /** Everything up to this place is done, and nothing is parked; undefined where that is not so. */
  get doneBefore(): number | undefined {
    return this.parked.count === 0 && !this.parked.isReplaying ? this.checkpoint.place : undefined;
  }

  get isFull(): boolean {
    const { maxSubscriberCount } = this.definition.settings;
    return maxSubscriberCount > 0 && this.connections.length >= maxSubscriberCount;
  }

  connect(consumer: Consumer): Connection {
    const connection = new Connection(consumer, this.definition.settings.extraStatistics ? new LatencyWindow() : undefined);
    this.connections.push(connection);
    this.strategy.add(connection);
    this.soon();
    return connection;
  }

  /** What the consumer had is delivered again at once, however often it was before. */
  disconnect(connection: Connection): void {
    const at = this.connections.indexOf(connection);
    if (at < 0) return;
    this.connections.splice(at, 1);
    this.strategy.remove(connection);
    for (const { message, isParking } of this.outstanding.of(connection)) if (!isParking) this.retry(message);
    this.soon();
  }

  acknowledge(ids: readonly Buffer[]): void {
    if (this.isEnded) return;
    for (const id of ids) this.complete(keyOf(id));
    this.afterAnswers();
  }

  refuse(ids: readonly Buffer[], action: NackAction, reason: string): void {
    if (this.isEnded) return;
    for (const id of ids) {
      const found = this.outstanding.get(keyOf(id));
      if (!found || found.isParking) continue;
      if (action === 'retry') this.retryOrPark(found);
      else if (action === 'park') this.park(found, `Client explicitly NAK'ed message.\n${reason}`);
      else this.complete(found.message.key);
    }
    this.afterAnswers();
  }

  /** Hands out parked messages again, up to a revision of the parked stream (exclusive). */
  replayParked(stopAt: number): void {
    for (const message of this.parked.replay(stopAt)) this.waiting.retry(message);
    this.soon();
  }

  /** Ends the group without a trace in the log; `withCheckpoint` writes first how far it is. */
  async end({ withCheckpoint }: { withCheckpoint: boolean }): Promise<void> {
    this.isEnded = true;
    this.stopListening();
    clearTimeout(this.timeout);
    clearTimeout(this.checkpointTimer);
    clearImmediate(this.turn);
    for (const { consumer } of this.connections.splice(0)) consumer.drop();
    if (withCheckpoint && this.done > 0) this.writeCheckpoint();
    await this.checkpoint.settled();
  }

  /** Deletes what the group kept in the log. */
  async forget(): Promise<void> {
    await this.checkpoint.forget();
    await this.parked.forget();
  }

  private soon(): void {
    if (!this.isEnded) this.turn ??= setImmediate(() => this.pump());
  }

  private pump(): void {
    this.turn = undefined;
    for (let pages = 1; !this.isEnded; pages++) {
      this.waiting.offer((message) => this.give(message));
      if (!this.fill()) break;
      if (pages < PAGES_AT_ONCE) continue;
      this.soon();
      break;
    }
    this.armTimeout();
    this.considerCheckpoint();
  }

  private give(message: GroupMessage): 'sent' | 'skipped' | 'full' {
    if (this.connections.some(({ consumer }) => consumer.settles?.(message.event))) {
      this.passedBy(message);
      this.finish(message);
      return 'sent';
    }
    const owner = this.connections.find(({ consumer }) => consumer.owns?.(message.event));
    const connection = owner ? (owner.hasRoom ? owner : 'skipped') : this.strategy.choose(message);
    if (typeof connection === 'string') return connection;
    // Two events of one id: the second waits, for an answer could not tell them apart.
    if (this.outstanding.has(message.key)) return 'skipped';
    const { messageTimeoutMs } = this.definition.settings;
    this.outstanding.add(message, connection, performance.now() + (messageTimeoutMs > 0 ? messageTimeoutMs : NO_TIMEOUT_MS));
    this.passedBy(message);
    connection.consumer.send(message.event, message.retryCount);
    return 'sent';
  }

  private passedBy({ sequence, place }: GroupMessage): void {
    this.items.add();
    if (sequence !== undefined && (this.lastSent === undefined || place > this.lastSent)) this.lastSent = place;
  }

  /** Reads ahead as far as the settings allow. Answers whether something was read. */
  private fill(): boolean {
    const { readBatchSize, historyBufferSize, resolveLinks } = this.definition.settings;
    const room = historyBufferSize - this.waiting.readCount;
    if (room <= 0) return false;
    const page = this.source.read(this.next, Math.min(room, readBatchSize > 0 ? readBatchSize : DEFAULT_BATCH));
    const isMoving = page.next !== this.next;
    this.next = page.next;
    this.isAtEnd = page.isEnd;
    for (const { record, place } of page.events) {
      const event = resolveLinks ? this.log.read.resolve(record) : { event: record, link: undefined };
      this.waiting.add(newMessage(event, place, this.considered, this.nextSequence++));
      this.considered = place;
      this.lastKnown = place;
    }
    this.considered = page.considered ?? this.considered;
    this.passed += page.passed;
    return isMoving;
  }

  private complete(key: string): void {
    const found = this.outstanding.get(key);
    if (!found || found.isParking) return;
    this.outstanding.remove(key);
    this.finish(found.message);
  }

  private finish({ sequence, key }: GroupMessage): void {
    if (sequence !== undefined) this.done += 1;
    else void this.parked.answered(key).catch(() => undefined);
  }

  private retryOrPark(found: Outstanding): void {
    const { maxRetryCount } = this.definition.settings;
    if (found.message.retryCount < maxRetryCount) this.retry(found.message);
    else this.park(found, `Reached retry count of ${maxRetryCount}`);
  }

  private retry(message: GroupMessage): void {
    this.outstanding.remove(message.key);
    this.waiting.retry(retried(message));
  }

  /** Stays outstanding until it is parked durably: neither lost nor delivered meanwhile. */
  private park(found: Outstanding, reason: string): void {
    found.isParking = true;
    this.parked.park(found.message, reason).then(
      () => {
        this.outstanding.remove(found.message.key);
        this.finish(found.message);
        if (!this.isEnded) this.afterAnswers();
      },
      // The log tells of its failure itself.
      () => undefined,
    );
  }

  /** Hands out what fits at once, so that a retry does not have to wait for the answers to what was sent after it. */
  private afterAnswers(): void {
    this.considerCheckpoint();
    this.waiting.offer((message) => this.give(message));
    this.soon();
  }

  private armTimeout(): void {
    const due = this.outstanding.nextDue();
    if (due === this.timeoutDue) return;
    clearTimeout(this.timeout);
    this.timeoutDue = due;
    if (due === Infinity) return;
    this.timeout = setTimeout(
      () => {
        this.timeoutDue = Infinity;
        for (const found of this.outstanding.dueBy(performance.now())) this.retryOrPark(found);
        this.soon();
      },
      Math.min(Math.max(1, due - performance.now()), LONGEST_TIMER_MS),
    ).unref();
  }

  private considerCheckpoint(): void {
    const { minCheckpointCount, maxCheckpointCount, checkpointAfterMs } = this.definition.settings;
    if (this.done === 0 && this.passed < Math.max(maxCheckpointCount, 1)) return;
    if (this.done >= maxCheckpointCount || this.passed >= Math.max(maxCheckpointCount, 1)) this.writeCheckpoint();
    else if (this.done >= minCheckpointCount && !this.checkpointTimer) {
      const left = Math.max(1, this.checkpointAt + checkpointAfterMs - performance.now());
      this.checkpointTimer = setTimeout(() => this.writeCheckpoint(), Math.min(left, LONGEST_TIMER_MS)).unref();
    }
  }

  private writeCheckpoint(): void {
    clearTimeout(this.checkpointTimer);
    this.checkpointTimer = undefined;
    this.checkpointAt = performance.now();
    const place = this.donePlace();
    if (place === undefined || place <= (this.checkpoint.place ?? -1)) return;
    this.done = 0;
    this.passed = 0;
    this.checkpoint.write(place);
  }

  /** The place up to which every event is done. */
  private donePlace(): number | undefined {
    const outstanding = this.outstanding.lowest();
    const retry = this.waiting.lowestRetry();
    const lowest = retry && (!outstanding || (retry.sequence ?? 0) < (outstanding.sequence ?? 0)) ? retry : outstanding;
    if (lowest) return lowest.before;
    return this.waiting.readCount === 0 ? this.considered : this.lastSent;
  }
}
