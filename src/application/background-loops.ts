import type { HealthCheck } from './ports/health.js';
import type { Logger } from './ports/logger.js';

/** What goes on in the background for as long as the engine runs: consumers, subscriptions, timers. One that cannot go on is named, and tries again by itself. */
export class BackgroundLoops implements HealthCheck {
  readonly name = 'background';
  private readonly faults = new Map<string, string>();

  constructor(private readonly logger: Logger) {}

  /** A loop cannot go on for now. Logged once, until it goes on. */
  standsStill(loop: string, reason: string): void {
    if (!this.faults.has(loop)) this.logger.error(`${loop} stands still and will be tried again: ${reason}`);
    this.faults.set(loop, reason);
  }

  goesOn(loop: string): void {
    if (this.faults.delete(loop)) this.logger.log(`${loop} goes on`);
  }

  /** Nobody waits for it any more. */
  isOver(loop: string): void {
    this.faults.delete(loop);
  }

  check(): Promise<void> {
    const standing = [...this.faults].map(([loop, reason]) => `${loop}: ${reason}`);
    return standing.length === 0 ? Promise.resolve() : Promise.reject(new Error(standing.join('; ')));
  }
}

export const BACKGROUND_LOOPS = Symbol('BackgroundLoops');
