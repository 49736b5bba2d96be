import { performance } from 'node:perf_hooks';

/** Answers of one connection that its latencies are told of: the newest. */
const WINDOW = 1_000;
const PERCENTILES = [
  ['90%', 0.9],
  ['95%', 0.95],
  ['99%', 0.99],
  ['99.5%', 0.995],
  ['99.9%', 0.999],
] as const;
const QUINTILES = [1, 2, 3, 4, 5] as const;

export interface ItemFigures {
  readonly total: number;
  /** Since the figures were taken before, and per second of that time. */
  readonly sinceLast: number;
  readonly perSecond: number;
}

/** Counts what was handed out. */
export class ItemCounter {
  private total = 0;
  private totalBefore = 0;
  private before = performance.now();

  add(): void {
    this.total += 1;
  }

  measure(): ItemFigures {
    const now = performance.now();
    const sinceLast = this.total - this.totalBefore;
    const seconds = (now - this.before) / 1_000;
    this.totalBefore = this.total;
    this.before = now;
    return { total: this.total, sinceLast, perSecond: seconds > 0 ? Math.round(sinceLast / seconds) : 0 };
  }
}

/** How long messages took until they were answered, in milliseconds. */
export class LatencyWindow {
  private readonly latencies: number[] = [];
  private next = 0;

  add(milliseconds: number): void {
    this.latencies[this.next] = milliseconds;
    this.next = (this.next + 1) % WINDOW;
  }

  /** Names are those of the server this one follows; whole milliseconds. None before the first answer. */
  figures(): (readonly [name: string, milliseconds: number])[] {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const { length } = sorted;
    if (length === 0) return [];
    const at = (share: number): number => sorted[Math.min(length - 1, Math.floor(share * length))] ?? 0;
    const figures: (readonly [string, number])[] = [
      ['Mean', sorted.reduce((sum, value) => sum + value, 0) / length],
      ['Median', at(0.5)],
      ['Fastest', at(0)],
      ...QUINTILES.map((n) => [`Quintile ${n}`, sorted[Math.floor((n - 1) * 0.2 * length)] ?? 0] as const),
      ...PERCENTILES.map(([name, share]) => [name, at(share)] as const),
      ['Highest', at(1)],
    ];
    return figures.map(([name, value]) => [name, Math.round(value)] as const);
  }
}
