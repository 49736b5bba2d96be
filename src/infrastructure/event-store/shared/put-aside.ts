/** After how long deliveries that were put aside are delivered again, in milliseconds: doubles while they are only put aside anew. */
export interface PutAsidePauses {
  readonly firstReplayMs: number;
  readonly longestReplayMs: number;
}

/**
 * Has what a group's consumers have put aside delivered again: when one joins, for it may be newer than the one that put it aside, and now and then after that, for another process may have put
 * aside what this one can deal with.
 */
export class PutAside {
  private timer: NodeJS.Timeout | undefined;
  private pauseMs: number;
  private isPutAsideAnew = false;

  /** @param replay never rejects */
  constructor(
    private readonly pauses: PutAsidePauses,
    private readonly replay: () => Promise<void> | void,
  ) {
    this.pauseMs = pauses.firstReplayMs;
  }

  /** To be called once the consumer is connected. */
  begin(): void {
    if (!this.timer) this.next();
  }

  /** This process has put something aside. */
  more(): void {
    this.isPutAsideAnew = true;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private next(): void {
    const { firstReplayMs, longestReplayMs } = this.pauses;
    this.pauseMs = this.isPutAsideAnew ? Math.min(longestReplayMs, this.pauseMs * 2) : firstReplayMs;
    this.isPutAsideAnew = false;
    // Nothing is to be kept running for it.
    this.timer = setTimeout(() => this.next(), this.pauseMs).unref();
    void this.replay();
  }
}
