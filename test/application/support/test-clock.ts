import type { Clock } from '../../../src/application/ports/clock.js';

/** Time stands still until a test moves it. */
export class TestClock implements Clock {
  constructor(private time = Date.parse('2026-01-05T08:00:00.000Z')) {}

  now(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}
