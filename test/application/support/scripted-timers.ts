import type { PendingTimer, ReadModelProgress, TimersReader } from '../../../src/application/ports/read-models.js';

/** The timers that a read model would show, as the test says, and the commits that it would tell of. */
export class ScriptedTimers implements TimersReader, ReadModelProgress {
  pending: PendingTimer[] = [];
  /** When it was asked, in milliseconds of the process. */
  readonly asked: number[] = [];
  answer: (limit: number) => Promise<readonly PendingTimer[]> = (limit) =>
    Promise.resolve([...this.pending].sort((a, b) => a.dueAt - b.dueAt).slice(0, limit));
  private readonly listeners = new Set<() => void>();

  next(limit: number): Promise<readonly PendingTimer[]> {
    this.asked.push(performance.now());
    return this.answer(limit);
  }

  commit(): void {
    for (const listener of this.listeners) listener();
  }

  get listened(): boolean {
    return this.listeners.size > 0;
  }

  onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  waitFor(): Promise<boolean> {
    return Promise.resolve(true);
  }

  position(): Promise<bigint> {
    return Promise.resolve(0n);
  }
}
