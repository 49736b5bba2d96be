import { PRIORITIES, type Priority } from '../domain/workflow/lifecycle.js';

interface Waiting {
  readonly enter: () => void;
}

/** Lets at most so many in at once; of the others the more urgent come first, and among those who came first. */
export class ConcurrencyLimit {
  private inside = 0;
  /** Insertion order is arrival order. */
  private readonly waiting: Readonly<Record<Priority, Set<Waiting>>> = { high: new Set(), normal: new Set(), low: new Set() };

  constructor(private readonly limit: number) {}

  /** Answers true and is inside (then `leave` must follow, once), or false where that would take waiting. */
  tryEnter(): boolean {
    if (this.inside >= this.limit) return false;
    this.inside += 1;
    return true;
  }

  /** Answers true once inside (then `leave` must follow, once), or false when the signal was aborted before. */
  async enter(signal: AbortSignal, priority: Priority = 'normal'): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.inside < this.limit) {
      this.inside += 1;
      return true;
    }
    const waiting = this.waiting[priority];
    return new Promise((resolve) => {
      const giveUp = (): void => {
        waiting.delete(place);
        resolve(false);
      };
      const place: Waiting = {
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      waiting.add(place);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The place goes straight to the next who waits, so that nobody who comes later slips in between. */
  leave(): void {
    for (const priority of PRIORITIES) {
      const [next] = this.waiting[priority];
      if (!next) continue;
      this.waiting[priority].delete(next);
      return next.enter();
    }
    this.inside -= 1;
  }
}
