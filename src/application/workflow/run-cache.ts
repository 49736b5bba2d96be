import { LRUCache } from 'lru-cache';
import { isFinalRunState } from '../../domain/workflow/lifecycle.js';
import type { KnownRun } from './workflow-history.js';

/** Bytes of events that the runs which go on, and those which are over, may come to. In memory a run takes about three times as much as its events. */
const OPEN_BYTES = 64 * 1024 * 1024;
const FINISHED_BYTES = 4 * 1024 * 1024;

const cacheOf = (maxSize: number) => new LRUCache<number, KnownRun>({ maxSize, sizeCalculation: ({ bytes }) => Math.max(1, bytes) });

/** Runs as this process last knew them, those used last. Of those that are over only the last ones: nothing but late deliveries asks for them. */
export class RunCache {
  private readonly open = cacheOf(OPEN_BYTES);
  private readonly finished = cacheOf(FINISHED_BYTES);

  get(workflowId: number): KnownRun | undefined {
    return this.open.get(workflowId) ?? this.finished.get(workflowId);
  }

  /** A slow read may end after a decision that it knows nothing of: the newest state stays. */
  keep(run: KnownRun): void {
    const { workflowId, state } = run.state;
    const cached = this.open.peek(workflowId) ?? this.finished.peek(workflowId);
    if (cached && cached.revision >= run.revision) return;
    const isOver = state !== undefined && isFinalRunState(state);
    if (isOver) this.open.delete(workflowId);
    (isOver ? this.finished : this.open).set(workflowId, run);
  }

  delete(workflowId: number): void {
    this.open.delete(workflowId);
    this.finished.delete(workflowId);
  }
}
