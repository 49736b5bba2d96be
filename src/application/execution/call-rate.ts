import type { RateLimit } from '../../domain/tool/rate-limit.js';

/** The calls of late, against a limit. Times are milliseconds of a clock that never goes back. */
export class CallRate {
  /** When calls began, oldest first: none from before the stretch that counts, so never more than the limit. */
  private begun: number[] = [];

  constructor(private readonly limit: RateLimit) {}

  /** How many calls may begin now. */
  room(now: number): number {
    this.forget(now);
    return this.limit.calls - this.begun.length;
  }

  /** When the next call may begin where none may now. */
  nextAt(now: number): number {
    return this.room(now) > 0 ? now : this.begun[0]! + this.limit.perMs;
  }

  /** A call begins. */
  take(now: number): void {
    this.begun.push(now);
  }

  /** The last call that was taken did not begin after all. */
  giveBack(begunAt: number): void {
    const index = this.begun.lastIndexOf(begunAt);
    if (index >= 0) this.begun.splice(index, 1);
  }

  private forget(now: number): void {
    const kept = this.begun.findIndex((at) => now - at < this.limit.perMs);
    if (kept !== 0) this.begun = kept < 0 ? [] : this.begun.slice(kept);
  }
}
