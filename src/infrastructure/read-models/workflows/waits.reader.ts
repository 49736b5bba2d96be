import type { EntityManager } from 'typeorm';
import type { WaitView } from '../../../application/ports/read-models.js';

interface WaitRow {
  readonly kind: WaitView['kind'];
  readonly step_id: number;
  readonly since: string | null;
  readonly due_at: string | null;
  readonly approval_id: string | null;
}

const WAITS = `
  SELECT 'approval' AS kind, step_id, requested_at AS since, NULL::bigint AS due_at, approval_id
    FROM approvals WHERE workflow_id = $1 AND status = 'required'
  UNION ALL SELECT 'dead_letter', step_id, dead_lettered_at, NULL, NULL FROM dead_letters WHERE workflow_id = $1
  UNION ALL SELECT 'retry', step_id, NULL, due_at, NULL FROM retry_timers WHERE workflow_id = $1
  ORDER BY step_id`;

/** What a run that is not finished waits for. */
export async function waitsOf(manager: EntityManager, workflowId: number): Promise<readonly WaitView[]> {
  const rows = await manager.query<readonly WaitRow[]>(WAITS, [workflowId]);
  return rows.map(({ kind, step_id: stepId, since, due_at: dueAt, approval_id: approvalId }) => ({
    kind,
    stepId,
    since,
    until: dueAt === null ? null : new Date(Number(dueAt)).toISOString(),
    approvalId: approvalId === null ? null : Number(approvalId),
  }));
}
