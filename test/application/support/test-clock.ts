import type { Clock } from '../../../src/application/ports/clock.js';

/** Time stands still until a test moves it. */
export class TestClock implements Clock {
  private sinceStart = 0;

  constructor(private time = Date.parse('2026-01-05T08:00:00.000Z')) {}

  now(): number {
    return this.time;
  }

  elapsed(): number {
    return this.sinceStart;
  }

  advance(ms: number): void {
    this.time += ms;
    this.sinceStart += ms;
  }

  /** As somebody sets a clock on a wall: no time goes by. */
  setBack(ms: number): void {
    this.time -= ms;
  }
}
