import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Changes } from './changes.js';

interface OfStep extends ObjectLiteral {
  workflowId: number;
  stepId: number;
}

/** What a batch comes to for a table with at most one row a step: the last word on each step counts. */
export class StepRows<T extends OfStep> {
  private readonly puts = new Map<string, T>();
  private readonly removed = new Map<string, Partial<T>>();
  private readonly removedRuns = new Set<number>();

  set(row: T): void {
    const key = `${row.workflowId}/${row.stepId}`;
    this.removed.delete(key);
    this.puts.set(key, row);
  }

  remove(workflowId: number, stepId: number): void {
    const key = `${workflowId}/${stepId}`;
    this.puts.delete(key);
    this.removed.set(key, { workflowId, stepId } as Partial<T>);
  }

  /** Nothing of the run that came before is left. */
  removeRun(workflowId: number): void {
    this.removedRuns.add(workflowId);
    for (const rows of [this.puts, this.removed]) for (const [key, row] of rows) if (row.workflowId === workflowId) rows.delete(key);
  }

  save(changes: Changes, row: EntityTarget<T>): void {
    changes.put(row, [...this.puts.values()]);
    changes.remove(
      row,
      [...this.removed.values()].filter(({ workflowId }) => !this.removedRuns.has(workflowId!)),
    );
    const kept = [...this.puts.values()].filter(({ workflowId }) => this.removedRuns.has(workflowId));
    changes.removeRuns(row, this.removedRuns, kept);
  }
}
