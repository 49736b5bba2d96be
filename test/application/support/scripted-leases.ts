import type { Leases } from '../../../src/application/nodes/leases.js';

/** Leases as a test has them. */
export class ScriptedLeases implements Leases {
  held = true;
  readonly gone = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<() => void>();

  constructor(readonly isShared = false) {}

  isHeld(): boolean {
    return this.held;
  }

  isGone(worker: string): Promise<boolean> {
    return Promise.resolve(this.gone.has(worker));
  }

  hasOthers(): boolean {
    return false;
  }

  onLost(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  nextLook(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  get isAwaited(): boolean {
    return this.waiting.size > 0;
  }

  look(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  lose(): void {
    this.held = false;
    for (const listener of this.listeners) listener();
  }
}
