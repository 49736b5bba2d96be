import type { ArrayType } from '../database/binary-array.js';
import { printable } from '../database/columns.js';
import type { Changes } from '../projection/changes.js';
import type { EndedAttemptRow } from './ended-attempt.row.js';
import type { EndedRunRow } from './ended-run.row.js';
import type { OpenMatterRow } from './open-matter.row.js';
import type { SettledApprovalRow } from './settled-approval.row.js';

/** The place of a run itself among its steps. */
export const RUN = 0;

export type OpenKey = Pick<OpenMatterRow, 'workflowId' | 'stepId'>;

/** A fact with what the event at the end does not say as far as the batch has the beginning too. Of the rest the database knows: its statement reads the rows that were open. */
type Partly<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: T[P] | undefined };
export type RunFact = Partly<EndedRunRow, 'userId' | 'submittedAt'>;
export type AttemptFact = Partly<EndedAttemptRow, 'userId' | 'tool' | 'toolVersion' | 'startedAt'>;
export type ApprovalFact = OpenKey & Partly<SettledApprovalRow, 'userId' | 'tool' | 'riskLevel' | 'requestedAt'>;

type Columns<T> = Readonly<Record<string, readonly [type: ArrayType, of: (fact: T) => string | number | null | undefined]>>;

function rowsOf<T>(changes: Changes, facts: readonly T[], columns: Columns<T>, name = 'fact'): string {
  const arrays = Object.values(columns).map(([type, of]) => {
    const values = facts.map((fact) => {
      const value = of(fact) ?? null;
      return typeof value === 'string' ? printable(value) : value;
    });
    return changes.array(type, values);
  });
  return `unnest(${arrays.join(', ')}) AS ${name} (${Object.keys(columns).join(', ')})`;
}

/**
 * The run's row, and what was open of the step. Subqueries that stay subqueries (OFFSET 0): each fact looks its rows up by key, and only where the batch does not
 * tell. As plain joins they compared all facts of a batch with all rows.
 */
const BEFORE = `
  LEFT JOIN LATERAL (SELECT user_id FROM analytics_open
    WHERE fact.user_id IS NULL AND workflow_id = fact.workflow_id AND step_id = ${RUN} OFFSET 0) AS run ON true
  LEFT JOIN LATERAL (SELECT * FROM analytics_open
    WHERE fact.since IS NULL AND workflow_id = fact.workflow_id AND step_id = fact.step_id OFFSET 0) AS was ON true`;

const KNOWN =
  'WHERE COALESCE(fact.user_id, run.user_id) IS NOT NULL AND COALESCE(fact.since, was.since) IS NOT NULL ON CONFLICT DO NOTHING';

export function addRuns(changes: Changes, facts: readonly RunFact[]): void {
  if (facts.length === 0) return;
  const rows = rowsOf(changes, facts, {
    ended_at: ['bigint', ({ endedAt }) => endedAt],
    workflow_id: ['bigint', ({ workflowId }) => workflowId],
    user_id: ['bigint', ({ userId }) => userId],
    since: ['bigint', ({ submittedAt }) => submittedAt],
    state: ['text', ({ state }) => state],
    code: ['text', ({ code }) => code],
  });
  changes.add(
    `INSERT INTO analytics_runs (ended_at, workflow_id, user_id, submitted_at, state, code)
     SELECT fact.ended_at, fact.workflow_id, COALESCE(fact.user_id, run.user_id), COALESCE(fact.since, run.since), fact.state, fact.code
     FROM ${rows} LEFT JOIN LATERAL (SELECT user_id, since FROM analytics_open
       WHERE fact.since IS NULL AND workflow_id = fact.workflow_id AND step_id = ${RUN} OFFSET 0) AS run ON true
     WHERE COALESCE(fact.since, run.since) IS NOT NULL ON CONFLICT DO NOTHING`,
  );
}

export function addAttempts(changes: Changes, facts: readonly AttemptFact[]): void {
  if (facts.length === 0) return;
  const rows = rowsOf(changes, facts, {
    ended_at: ['bigint', ({ endedAt }) => endedAt],
    workflow_id: ['bigint', ({ workflowId }) => workflowId],
    step_id: ['integer', ({ stepId }) => stepId],
    attempt: ['integer', ({ attempt }) => attempt],
    user_id: ['bigint', ({ userId }) => userId],
    tool: ['text', ({ tool }) => tool],
    tool_version: ['text', ({ toolVersion }) => toolVersion],
    since: ['bigint', ({ startedAt }) => startedAt],
    outcome: ['text', ({ outcome }) => outcome],
    code: ['text', ({ code }) => code],
  });
  changes.add(
    `INSERT INTO analytics_attempts (ended_at, workflow_id, step_id, attempt, user_id, tool, tool_version, started_at, outcome, code)
     SELECT fact.ended_at, fact.workflow_id, fact.step_id, fact.attempt, COALESCE(fact.user_id, run.user_id), COALESCE(fact.tool, was.tool),
       COALESCE(fact.tool_version, was.tool_version), COALESCE(fact.since, was.since), fact.outcome, fact.code
     FROM ${rows} ${BEFORE} AND was.attempt = fact.attempt ${KNOWN}`,
  );
}

export function addApprovals(changes: Changes, facts: readonly ApprovalFact[]): void {
  if (facts.length === 0) return;
  const rows = rowsOf(changes, facts, {
    since: ['bigint', ({ requestedAt }) => requestedAt],
    approval_id: ['bigint', ({ approvalId }) => approvalId],
    workflow_id: ['bigint', ({ workflowId }) => workflowId],
    step_id: ['integer', ({ stepId }) => stepId],
    user_id: ['bigint', ({ userId }) => userId],
    tool: ['text', ({ tool }) => tool],
    risk_level: ['text', ({ riskLevel }) => riskLevel],
    decided_at: ['bigint', ({ decidedAt }) => decidedAt],
    verdict: ['text', ({ verdict }) => verdict],
    decided_by: ['bigint', ({ decidedBy }) => decidedBy],
  });
  changes.add(
    `INSERT INTO analytics_approvals (requested_at, approval_id, user_id, tool, risk_level, decided_at, verdict, decided_by)
     SELECT COALESCE(fact.since, was.since), fact.approval_id, COALESCE(fact.user_id, run.user_id), COALESCE(fact.tool, was.tool),
       COALESCE(fact.risk_level, was.risk_level), fact.decided_at, fact.verdict, fact.decided_by
     FROM ${rows} ${BEFORE} AND was.approval_id = fact.approval_id ${KNOWN}`,
  );
}

/** Approvals of runs that are open, but for those of some steps. */
function openApprovals(changes: Changes, stopped: readonly number[], except: readonly OpenKey[]): string {
  const of = `open.approval_id IS NOT NULL AND open.workflow_id = ANY(${changes.array('bigint', stopped)})`;
  if (except.length === 0) return of;
  const steps = rowsOf(
    changes,
    except,
    { workflow_id: ['bigint', ({ workflowId }) => workflowId], step_id: ['integer', ({ stepId }) => stepId] },
    'decided',
  );
  return `${of} AND (open.workflow_id, open.step_id) NOT IN (SELECT * FROM ${steps})`;
}

/** @param stopped runs, and when */
export function voidApprovals(changes: Changes, stopped: ReadonlyMap<number, number>, except: readonly OpenKey[]): void {
  const times = rowsOf(changes, [...stopped], { workflow_id: ['bigint', ([id]) => id], at: ['bigint', ([, at]) => at] }, 'stop');
  changes.add(
    `INSERT INTO analytics_approvals (requested_at, approval_id, user_id, tool, risk_level, decided_at, verdict, decided_by)
     SELECT open.since, open.approval_id, run.user_id, open.tool, open.risk_level, stop.at, 'void', NULL
     FROM ${times} JOIN analytics_open AS run ON run.workflow_id = stop.workflow_id AND run.step_id = ${RUN}
     JOIN analytics_open AS open ON open.workflow_id = stop.workflow_id
     WHERE ${openApprovals(changes, [...stopped.keys()], except)} ON CONFLICT DO NOTHING`,
  );
}

export function removeApprovals(changes: Changes, stopped: readonly number[], except: readonly OpenKey[]): void {
  changes.add(`DELETE FROM analytics_open AS open WHERE ${openApprovals(changes, stopped, except)}`);
}
