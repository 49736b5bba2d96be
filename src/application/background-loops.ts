import type { HealthCheck } from './ports/health.js';
import type { Logger } from './ports/logger.js';

/** Loops that are named at once. */
const MOST_NAMED = 20;

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
    if (this.faults.size > 0 && this.faults.delete(loop)) this.logger.log(`${loop} goes on`);
  }

  /** Nobody waits for it any more. */
  isOver(loop: string): void {
    this.faults.delete(loop);
  }

  /** How many cannot go on. */
  get standing(): number {
    return this.faults.size;
  }

  check(): Promise<void> {
    if (this.faults.size === 0) return Promise.resolve();
    const standing = [...this.faults].slice(0, MOST_NAMED).map(([loop, reason]) => `${loop}: ${reason}`);
    const left = this.faults.size - standing.length;
    return Promise.reject(new Error([...standing, ...(left > 0 ? [`and ${left} more`] : [])].join('; ')));
  }
}

export const BACKGROUND_LOOPS = Symbol('BackgroundLoops');
