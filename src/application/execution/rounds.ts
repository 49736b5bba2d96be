import { messageOf } from '../message-of.js';
import type { BackgroundLoops } from '../background-loops.js';

export interface RoundsOptions {
  /** As it is named where it stands still. */
  readonly name: string;
  /** A round comes at least this often, in milliseconds: another node may have made something to do. */
  readonly longestWaitMs: number;
  /** … and at most this often. */
  readonly shortestWaitMs: number;
  /** Does what there is to do, and answers with the milliseconds until there is more. */
  readonly round: () => Promise<number>;
}

/** Does something again and again: when it is due, and when it is woken. One that fails is named, and tried again. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> | undefined;
  private woken = false;
  /** Of the process' own time, in milliseconds: no round begins before. */
  private restsUntil = 0;
  private stopped = true;

  constructor(
    private readonly loops: BackgroundLoops,
    private readonly options: RoundsOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.wake();
  }

  /** Waits for the round that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  wake(): void {
    if (this.stopped) return;
    if (this.current) this.woken = true;
    else this.plan(this.restsUntil - performance.now());
  }

  private plan(waitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), Math.max(0, waitMs));
  }

  private begin(): void {
    const { name, round, longestWaitMs, shortestWaitMs } = this.options;
    this.woken = false;
    this.current = round()
      .then(
        (waitMs) => {
          this.loops.goesOn(name);
          return waitMs;
        },
        (error: unknown) => {
          this.loops.standsStill(name, messageOf(error));
          return longestWaitMs;
        },
      )
      .then((waitMs) => {
        this.current = undefined;
        if (this.stopped) return;
        this.restsUntil = performance.now() + shortestWaitMs;
        this.plan(this.woken ? shortestWaitMs : Math.max(shortestWaitMs, Math.min(longestWaitMs, waitMs)));
      });
  }
}
