import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { upsert } from './projection.js';

interface OfStep extends ObjectLiteral {
  workflowId: number;
  stepId: number;
}

/** What a batch comes to for a table with at most one row a step: the last word on each step counts. */
export class StepRows<T extends OfStep> {
  private readonly put = new Map<string, T>();
  private readonly removed = new Map<string, OfStep>();
  private readonly endedRuns = new Set<number>();

  set(row: T): void {
    const key = `${row.workflowId}/${row.stepId}`;
    this.removed.delete(key);
    this.put.set(key, row);
  }

  remove(workflowId: number, stepId: number): void {
    const key = `${workflowId}/${stepId}`;
    this.put.delete(key);
    this.removed.set(key, { workflowId, stepId });
  }

  /** Nothing of the run is left, and nothing comes any more. */
  removeRun(workflowId: number): void {
    this.endedRuns.add(workflowId);
    for (const [key, row] of this.put) if (row.workflowId === workflowId) this.put.delete(key);
  }

  async save(manager: EntityManager, row: EntityTarget<T>): Promise<void> {
    const { tableName } = manager.getRepository(row).metadata;
    const pairs = [...this.removed.values()];
    if (pairs.length > 0) {
      await manager.query(
        `DELETE FROM ${tableName} USING unnest($1::bigint[], $2::integer[]) AS gone (workflow_id, step_id)
         WHERE ${tableName}.workflow_id = gone.workflow_id AND ${tableName}.step_id = gone.step_id`,
        [pairs.map(({ workflowId }) => workflowId), pairs.map(({ stepId }) => stepId)],
      );
    }
    if (this.endedRuns.size > 0)
      await manager.query(`DELETE FROM ${tableName} WHERE workflow_id = ANY($1::bigint[])`, [[...this.endedRuns]]);
    await upsert(manager, row, [...this.put.values()]);
  }
}
