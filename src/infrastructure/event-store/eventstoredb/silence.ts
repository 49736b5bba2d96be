/** Measures for how long nothing has been answered. */
export class Silence {
  private open = 0;
  private since: number | undefined;

  /** A question begins. Answers with how to end it, which counts once: with an answer, or without. */
  ask(): (answered: boolean) => void {
    this.open += 1;
    this.since ??= performance.now();
    let ended = false;
    return (answered) => {
      if (ended) return;
      ended = true;
      this.open -= 1;
      if (answered) this.since = this.open > 0 ? performance.now() : undefined;
    };
  }

  /** Milliseconds since the last answer, or the first question after it; 0 where every question had its answer. */
  ms(): number {
    return this.since === undefined ? 0 : performance.now() - this.since;
  }
}
