import type { EntityManager } from 'typeorm';
import { OF_RUNS_THAT_GO_ON } from '../timers/timers.reader.js';
import { WAIT_KINDS, type Wait, type WaitKind } from '../../../domain/workflow/waiting.js';

interface WaitRow {
  readonly workflow_id: string;
  readonly kind: WaitKind;
  readonly step_id: number | null;
  readonly since: string | null;
  readonly due_at: string | null;
  readonly approval_id: string | null;
}

/** Where each kind of wait is found, for the runs of a condition. */
const WAITS: Readonly<Record<WaitKind, (ofRuns: string) => string>> = {
  pause: (ofRuns) =>
    `SELECT workflow_id, 'pause' AS kind, NULL::integer AS step_id, paused_at AS since, NULL::bigint AS due_at, NULL::bigint AS approval_id
       FROM workflows WHERE ${ofRuns} AND state = 'PAUSED'
     UNION ALL SELECT workflow_id, 'pause', step_id, since, NULL, NULL FROM tool_waits WHERE ${ofRuns} AND because = 'paused'`,
  start_time: (ofRuns) =>
    `SELECT workflow_id, 'start_time', NULL, (SELECT created_at FROM workflows WHERE workflows.workflow_id = timers.workflow_id), due_at, NULL
       FROM timers WHERE ${ofRuns} AND kind = 'start'`,
  parked: (ofRuns) =>
    `SELECT workflow_id, 'parked', NULL, parked_at, NULL, NULL FROM parked_events WHERE ${ofRuns}
       AND workflow_id IN (SELECT workflow_id FROM workflows WHERE ${ofRuns} AND state <> 'CANCELLING')`,
  approval: (ofRuns) =>
    `SELECT workflow_id, 'approval', step_id, requested_at, NULL, approval_id FROM approvals WHERE ${ofRuns} AND status = 'required'`,
  dead_letter: (ofRuns) => `SELECT workflow_id, 'dead_letter', step_id, dead_lettered_at, NULL, NULL FROM dead_letters WHERE ${ofRuns}`,
  tool: (ofRuns) => `SELECT workflow_id, 'tool', step_id, since, NULL, NULL FROM tool_waits WHERE ${ofRuns} AND because = 'absent'`,
  limit: (ofRuns) => `SELECT workflow_id, 'limit', step_id, since, NULL, NULL FROM tool_waits WHERE ${ofRuns} AND because = 'limited'`,
  retry: (ofRuns) =>
    `SELECT workflow_id, 'retry', step_id, NULL, due_at, NULL FROM timers WHERE ${ofRuns} AND kind = 'retry' AND ${OF_RUNS_THAT_GO_ON}`,
};

const all = (ofRuns: string): string =>
  Object.values(WAITS)
    .map((wait) => wait(ofRuns))
    .join(' UNION ALL ');

const ORDER = `step_id NULLS FIRST, array_position(ARRAY[${WAIT_KINDS.map((kind) => `'${kind}'`).join()}], kind), since`;

const STATEMENT = `
  SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY workflow_id ORDER BY ${ORDER}) AS place FROM (${all('workflow_id = ANY($1::bigint[])')}) AS waits
  ) AS placed WHERE place <= $2 ORDER BY workflow_id, place`;

/**
 * What the runs wait for that are not finished: of each what holds all of it, then in the order of the steps.
 * @param most waits of one run
 */
export async function waitsOf(
  manager: EntityManager,
  workflowIds: readonly number[],
  most: number = Number.MAX_SAFE_INTEGER,
): Promise<ReadonlyMap<number, readonly Wait[]>> {
  const waits = new Map<number, Wait[]>(workflowIds.map((id) => [id, []]));
  if (workflowIds.length === 0) return waits;
  for (const row of await manager.query<readonly WaitRow[]>(STATEMENT, [workflowIds, most])) {
    waits.get(Number(row.workflow_id))!.push({
      kind: row.kind,
      stepId: row.step_id,
      since: row.since,
      until: row.due_at === null ? null : new Date(Number(row.due_at)).toISOString(),
      approvalId: row.approval_id === null ? null : Number(row.approval_id),
    });
  }
  return waits;
}

/** A condition on a row of `workflows` by that name: something of the kind, or anything, holds the run. */
export function isHeld(run: string, kind: WaitKind | 'anything'): string {
  const ofRun = `workflow_id = ${run}.workflow_id`;
  return `EXISTS (${kind === 'anything' ? all(ofRun) : WAITS[kind](ofRun)})`;
}
