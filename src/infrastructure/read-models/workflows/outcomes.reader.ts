import type { EntityManager } from 'typeorm';
import type { RunOutcome } from '../../../application/ports/read-models.js';

type OutcomeRow = { readonly workflow_id: string } & Readonly<Record<keyof RunOutcome, number>>;

const COUNTS = `
  SELECT workflow_id,
    count(*) FILTER (WHERE state = 'SUCCEEDED')::integer AS succeeded,
    count(*) FILTER (WHERE state = 'SKIPPED' AND skip_cause IN ('dependency', 'person'))::integer AS skipped,
    count(*) FILTER (WHERE state = 'SKIPPED' AND skip_cause = 'rejected')::integer AS rejected,
    count(*) FILTER (WHERE state = 'FAILED' OR (state = 'SKIPPED' AND skip_cause = 'failure'))::integer AS failed,
    count(*) FILTER (WHERE state = 'CANCELLED')::integer AS cancelled
  FROM workflow_steps WHERE workflow_id = ANY($1::bigint[]) GROUP BY workflow_id`;

const NONE: RunOutcome = { succeeded: 0, skipped: 0, rejected: 0, failed: 0, cancelled: 0 };

/** How the steps of finished runs ended. */
export async function outcomesOf(manager: EntityManager, workflowIds: readonly number[]): Promise<ReadonlyMap<number, RunOutcome>> {
  const outcomes = new Map<number, RunOutcome>(workflowIds.map((id) => [id, NONE]));
  if (workflowIds.length === 0) return outcomes;
  for (const { workflow_id: id, ...counts } of await manager.query<readonly OutcomeRow[]>(COUNTS, [workflowIds]))
    outcomes.set(Number(id), counts);
  return outcomes;
}
