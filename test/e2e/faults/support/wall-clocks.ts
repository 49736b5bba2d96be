/** A time in which a clock was ahead, in milliseconds since the Unix epoch; negative where it was behind. */
interface Ahead {
  readonly node: number;
  readonly aheadMs: number;
  readonly from: number;
  to: number;
}

/** What the wall clocks of several nodes have shown: a timer may come as early as the one that is furthest ahead says. */
export class WallClocks {
  private readonly times: Ahead[] = [];

  /** A clock is about to be set: from now on it may show this, and still what it showed before. */
  begins(node: number, aheadMs: number, now: number): void {
    this.times.push({ node, aheadMs, from: now, to: Infinity });
  }

  /** The clock shows what it was set to last, and nothing else any more. */
  holds(node: number, now: number): void {
    const open = this.times.filter((time) => time.node === node && time.to === Infinity);
    for (const time of open.slice(0, -1)) time.to = now;
  }

  /** The latest time that any of them had shown by then. */
  latestBy(time: number): number {
    const shown = this.times.filter(({ from }) => from <= time).map(({ to, aheadMs }) => Math.min(time, to) + aheadMs);
    return Math.max(time, ...shown);
  }
}
