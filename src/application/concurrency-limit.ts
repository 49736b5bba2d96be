interface Waiting {
  readonly enter: () => void;
}

/** Lets at most so many in at once; the others wait in the order they came. */
export class ConcurrencyLimit {
  private inside = 0;
  /** Insertion order is arrival order. */
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly limit: number) {}

  /** Answers true and is inside (then `leave` must follow, once), or false where that would take waiting. */
  tryEnter(): boolean {
    if (this.inside >= this.limit) return false;
    this.inside += 1;
    return true;
  }

  /** Answers true once inside (then `leave` must follow, once), or false when the signal was aborted before. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.inside < this.limit) {
      this.inside += 1;
      return true;
    }
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.waiting.delete(place);
        resolve(false);
      };
      const place: Waiting = {
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      this.waiting.add(place);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The place goes straight to the one who has waited longest, so that nobody who comes later slips in between. */
  leave(): void {
    const [next] = this.waiting;
    if (!next) {
      this.inside -= 1;
      return;
    }
    this.waiting.delete(next);
    next.enter();
  }
}
