import { messageOf } from '../message-of.js';
import { isFinalTimelineType } from '../../domain/workflow/timeline.js';
import type { Logger } from '../ports/logger.js';
import type { ReadModelProgress } from '../ports/read-models.js';
import type { LoggedEntry } from './logged-entry.js';

/**
 * Holds back the news that a run is over until the read models say so too: who reads the run after it finds it finished. A read model that stands still holds
 * up one entry for the longest wait; after that nobody waits until it has moved on.
 */
export class FinalEntries {
  /** Up to here the read models were seen to be complete. */
  #reached = 0n;
  /** The position that they did not reach in time. */
  #missed = 0n;
  #isStopped = false;
  /** One wait for all who follow the same run. */
  readonly #waits = new Map<bigint, Promise<void>>();

  /** @param longestWaitMs milliseconds */
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly logger: Logger,
    private readonly longestWaitMs: number,
  ) {}

  /** Nobody is told anything any more: a read model that goes away now is no news. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Undefined where the entry may be told at once: unless it is a run's last. Resolves when it may be told; never rejects. */
  holdBack({ type, position }: LoggedEntry): Promise<void> | undefined {
    if (!isFinalTimelineType(type) || position <= this.#reached) return undefined;
    let wait = this.#waits.get(position);
    if (!wait) {
      wait = this.#wait(position).finally(() => this.#waits.delete(position));
      this.#waits.set(position, wait);
    }
    return wait;
  }

  async #wait(position: bigint): Promise<void> {
    try {
      this.#reach(await this.progress.position());
      if (position <= this.#reached || this.#missed > this.#reached) return;
      if (await this.progress.waitFor(position, this.longestWaitMs)) this.#reach(position);
      else this.#giveUp(position, `they have not reached position ${position} within ${this.longestWaitMs} ms`);
    } catch (fault) {
      this.#giveUp(position, messageOf(fault));
    }
  }

  #reach(position: bigint): void {
    if (position > this.#reached) this.#reached = position;
  }

  #giveUp(position: bigint, reason: string): void {
    if (this.#isStopped) return;
    if (this.#missed <= this.#reached) this.logger.warn(`live timelines tell of finished runs before the read models: ${reason}`);
    if (position > this.#missed) this.#missed = position;
  }
}
