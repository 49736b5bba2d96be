import { setMaxListeners } from 'node:events';
import type { ConsumerGroup, Delivery, GroupHandler, Verdict } from '../../../application/ports/event-feed.js';
import { pause } from './backoff.js';

/** As a consumer is named where it stands still. */
export const loopOf = ({ name }: Pick<ConsumerGroup, 'name'>): string => `consumer group ${name}`;

/** A delivery, and how to answer it over the connection that it came by. */
export interface Handed {
  readonly delivery: Delivery;
  /** False once the connection has ended: the store delivers again what it heard no verdict of, and hears none any more. */
  readonly open: boolean;
  ack(): void;
  refuse(action: 'retry' | 'park', reason: string): void;
}

/** Pause before a delivery that is to be retried goes back to the group, in milliseconds: doubles with each retry. */
export interface RetryPauses {
  readonly firstRetryPauseMs: number;
  readonly longestRetryPauseMs: number;
}

/**
 * A consumer's deliveries in work: at most `bufferSize` handlers run at once, those of an earlier connection included. The store sends no more than that
 * without a verdict, so what waits here is bounded too.
 */
export class ConsumerWork {
  readonly #working = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #waiting: Handed[] = [];

  constructor(
    private readonly group: Pick<ConsumerGroup, 'bufferSize' | 'messageTimeoutMs'>,
    private readonly handler: Pick<GroupHandler, 'deliver'>,
    private readonly pauses: RetryPauses,
    private readonly describe: (fault: unknown) => string,
  ) {
    setMaxListeners(0, this.#stopping.signal); // one per delivery that waits to be retried
  }

  /** Aborted when nothing more is handed out. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  take(handed: Handed): void {
    this.#waiting.push(handed);
    this.#handOut();
  }

  /** A delivery that somebody is at work on already. */
  attach(handed: Handed, verdict: Promise<Verdict>): void {
    this.#track(verdict.then((said) => this.#answer(handed, said)));
  }

  /** Drops what waits and came by a connection that has ended: it is delivered again. */
  dropClosed(): void {
    this.#waiting = this.#waiting.filter(({ open }) => open);
  }

  /** Hands out nothing more. Answers with what waited and will not be handed out. */
  stop(): readonly Handed[] {
    this.#stopping.abort();
    return this.#waiting.splice(0);
  }

  /** Resolves once all that was handed out has its verdict. */
  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  #handOut(): void {
    while (this.#working.size < this.group.bufferSize && !this.#stopping.signal.aborted) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#track(this.#work(next));
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#working.delete(tracked);
      this.#handOut();
    });
    this.#working.add(tracked);
  }

  async #work(handed: Handed): Promise<void> {
    await this.#answer(handed, await this.#verdictOn(handed.delivery));
  }

  async #answer(handed: Handed, verdict: Verdict): Promise<void> {
    if (verdict.kind === 'ack') return handed.ack();
    if (verdict.kind === 'park') return handed.refuse('park', verdict.reason);
    // The store delivers again at once, so the pause is made here, with the delivery still in work: a failing dependency is not stormed.
    if (handed.open) await pause(this.#retryPauseMs(handed.delivery.retryCount), this.#stopping.signal);
    handed.refuse('retry', verdict.reason);
  }

  async #verdictOn(delivery: Delivery): Promise<Verdict> {
    try {
      return await this.handler.deliver(delivery);
    } catch (fault) {
      return { kind: 'retry', reason: this.describe(fault) };
    }
  }

  /** Stays well below the group's message timeout, after which the store would deliver again by itself. */
  #retryPauseMs(retryCount: number): number {
    const { firstRetryPauseMs, longestRetryPauseMs } = this.pauses;
    const { messageTimeoutMs } = this.group;
    const longest = messageTimeoutMs > 0 ? Math.min(longestRetryPauseMs, messageTimeoutMs / 4) : longestRetryPauseMs;
    return Math.min(longest, firstRetryPauseMs * 2 ** Math.min(retryCount, 16));
  }
}
