import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Changes } from './changes.js';

interface OfRun extends ObjectLiteral {
  workflowId: number;
}

/** What a batch comes to for a table whose rows come and go with what happens in runs: the last word on each row counts. */
export class RunRows<T extends OfRun> {
  private readonly puts = new Map<string, T>();
  private readonly removed = new Map<string, Partial<T>>();
  private readonly removedRuns = new Set<number>();

  /** @param keys properties that make the table's key */
  constructor(private readonly keys: readonly (keyof T & string)[]) {}

  set(row: T): void {
    const key = this.keyOf(row);
    this.removed.delete(key);
    this.puts.set(key, row);
  }

  /** @param row its keys */
  remove(row: Partial<T>): void {
    const key = this.keyOf(row);
    this.puts.delete(key);
    this.removed.set(key, row);
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

  private keyOf(row: Partial<T>): string {
    return this.keys.map((key) => String(row[key])).join('/');
  }
}

/** The same for a table with at most one row a step. */
export class StepRows<T extends OfRun & { stepId: number }> extends RunRows<T> {
  constructor() {
    super(['workflowId', 'stepId']);
  }

  removeStep(workflowId: number, stepId: number): void {
    this.remove({ workflowId, stepId } as Partial<T>);
  }
}
