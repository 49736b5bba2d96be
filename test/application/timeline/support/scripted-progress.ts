import type { ReadModelProgress } from '../../../../src/application/ports/read-models.js';

interface Wait {
  readonly position: bigint;
  readonly settle: (reached: boolean) => void;
}

/** Read models that come as far as a test lets them; a wait for more lasts until the test ends it. */
export class ScriptedProgress implements ReadModelProgress {
  /** Positions that were waited for. */
  readonly awaited: bigint[] = [];
  fault: Error | undefined;
  private waits: Wait[] = [];

  constructor(private reached: bigint) {}

  reach(position: bigint): void {
    this.reached = position;
    for (const wait of this.waits) if (wait.position <= position) wait.settle(true);
  }

  /** The time of all waits is up. */
  timeOut(): void {
    for (const wait of this.waits.splice(0)) wait.settle(false);
  }

  position(): Promise<bigint> {
    return this.fault ? Promise.reject(this.fault) : Promise.resolve(this.reached);
  }

  waitFor(position: bigint): Promise<boolean> {
    this.awaited.push(position);
    if (position <= this.reached) return Promise.resolve(true);
    return new Promise((settle) => this.waits.push({ position, settle }));
  }

  onCommit(): () => void {
    return () => undefined;
  }
}

/** Read models that hold whatever is asked for. */
export const everythingThere = (): ScriptedProgress => new ScriptedProgress(2n ** 63n - 1n);
