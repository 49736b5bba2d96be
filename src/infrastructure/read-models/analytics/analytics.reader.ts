import type { EntityManager } from 'typeorm';
import type {
  AnalyticsQuestion,
  AnalyticsReader,
  ApprovalFigures,
  CodeCount,
  DeciderFigures,
  RunFigures,
  SummaryFigures,
  ToolFigures,
} from '../../../application/ports/analytics.js';
import type { RiskLevel } from '../../../domain/risk/risk-level.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';

/** Most codes of failures, and most people who decided, that an answer names of each group. */
const MOST_NAMED = 50;

/** What a bigint comes as. */
type Digits = string;
type Row<K extends string> = Readonly<Record<K, Digits>>;

const orNull = (digits: Digits | null): number | null => (digits === null ? null : Number(digits));

const percentiles = (milliseconds: string, filter = ''): string =>
  [50, 95].map((p) => `percentile_disc(${p / 100}) WITHIN GROUP (ORDER BY ${milliseconds}) ${filter} AS p${p}`).join(', ');

/** Rows of a period with the part of it that they are in: $1 to $3 are its bounds and where parts start, $4 may be a person. */
const within = (time: string): string => `${time} >= $1::bigint AND ${time} < $2::bigint AND ($4::bigint IS NULL OR user_id = $4::bigint)`;
const partOf = (time: string): string => `width_bucket(${time}, $3::bigint[]) - 1 AS part`;

const RUNS = `
  SELECT part, count(*) AS ended, count(*) FILTER (WHERE state = 'SUCCEEDED') AS succeeded, count(*) FILTER (WHERE state = 'FAILED') AS failed,
    count(*) FILTER (WHERE state = 'CANCELLED') AS cancelled, ${percentiles('ms')}
  FROM (SELECT ${partOf('ended_at')}, state, ended_at - submitted_at AS ms FROM analytics_runs WHERE ${within('ended_at')}) AS runs
  GROUP BY GROUPING SETS ((), (part))`;

const codesOf = (table: string): string => `
  SELECT code, count(*) AS count FROM ${table} WHERE ${within('ended_at')} AND code IS NOT NULL AND $3::bigint[] IS NOT NULL
  GROUP BY code ORDER BY count(*) DESC, code COLLATE "C" LIMIT ${MOST_NAMED}`;

const ATTEMPTS = `
  SELECT part, tool, tool_version, count(*) AS attempts, count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE outcome = 'failed') AS failed, ${percentiles('ms')}
  FROM (SELECT ${partOf('ended_at')}, tool, tool_version, outcome, ended_at - started_at AS ms FROM analytics_attempts WHERE ${within('ended_at')}) AS attempts
  GROUP BY part, tool, tool_version ORDER BY part, tool COLLATE "C", tool_version COLLATE "C" NULLS FIRST`;

const FAILURES = `
  SELECT part, tool, tool_version, code, count(*) AS count
  FROM (SELECT ${partOf('ended_at')}, tool, tool_version, code FROM analytics_attempts WHERE ${within('ended_at')} AND code IS NOT NULL) AS failures
  GROUP BY part, tool, tool_version, code ORDER BY count(*) DESC, code COLLATE "C"`;

const REQUESTS = `(
  SELECT ${partOf('requested_at')}, risk_level, tool, verdict, decided_by, decided_at - requested_at AS ms
  FROM analytics_approvals WHERE ${within('requested_at')}
  UNION ALL
  SELECT ${partOf('since')}, risk_level, tool, 'open', NULL, NULL
  FROM (SELECT matter.since, matter.risk_level, matter.tool, run.user_id
    FROM analytics_open AS matter JOIN analytics_open AS run ON run.workflow_id = matter.workflow_id AND run.step_id = 0
    WHERE matter.approval_id IS NOT NULL) AS waiting WHERE ${within('since')}) AS requests`;

const APPROVALS = `
  SELECT part, risk_level, tool, count(*) AS requested, count(*) FILTER (WHERE verdict = 'approved') AS approved,
    count(*) FILTER (WHERE verdict = 'rejected') AS rejected, count(*) FILTER (WHERE verdict = 'void') AS void,
    count(*) FILTER (WHERE verdict = 'open') AS open, ${percentiles('ms', `FILTER (WHERE verdict IN ('approved', 'rejected'))`)}
  FROM ${REQUESTS} GROUP BY part, risk_level, tool ORDER BY part, risk_level COLLATE "C", tool COLLATE "C"`;

const DECIDERS = `
  SELECT part, risk_level, tool, decided_by, count(*) FILTER (WHERE verdict = 'approved') AS approved, count(*) FILTER (WHERE verdict = 'rejected') AS rejected
  FROM ${REQUESTS} WHERE decided_by IS NOT NULL GROUP BY part, risk_level, tool, decided_by ORDER BY count(*) DESC, decided_by`;

interface PercentileRow {
  readonly p50: Digits | null;
  readonly p95: Digits | null;
}
type RunsRow = PercentileRow & Row<'ended' | 'succeeded' | 'failed' | 'cancelled'> & { readonly part: number | null };
interface ToolKey {
  readonly part: number;
  readonly tool: string;
  readonly tool_version: string | null;
}
interface RiskKey {
  readonly part: number;
  readonly risk_level: RiskLevel;
  readonly tool: string;
}
type CodeRow = Row<'count'> & { readonly code: string };

const NO_RUNS: RunFigures = { ended: 0, succeeded: 0, failed: 0, cancelled: 0, p50Ms: null, p95Ms: null };

const percentilesOf = ({ p50, p95 }: PercentileRow): { readonly p50Ms: number | null; readonly p95Ms: number | null } => ({
  p50Ms: orNull(p50),
  p95Ms: orNull(p95),
});

const runFigures = (row: RunsRow): RunFigures => ({
  ended: Number(row.ended),
  succeeded: Number(row.succeeded),
  failed: Number(row.failed),
  cancelled: Number(row.cancelled),
  ...percentilesOf(row),
});

const codeCount = ({ code, count }: CodeRow): CodeCount => ({ code, count: Number(count) });

/** The first rows of each group. */
function grouped<R, T>(rows: readonly R[], key: (row: R) => string, view: (row: R) => T): (of: string) => readonly T[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const of = key(row);
    const group = groups.get(of) ?? [];
    groups.set(of, group);
    if (group.length < MOST_NAMED) group.push(view(row));
  }
  return (of) => groups.get(of) ?? [];
}

const toolKey = ({ part, tool, tool_version: version }: ToolKey): string => JSON.stringify([part, tool, version]);
const riskKey = ({ part, risk_level: level, tool }: RiskKey): string => JSON.stringify([part, level, tool]);

export class DatabaseAnalyticsReader implements AnalyticsReader {
  constructor(private readonly database: Database) {}

  summary(question: AnalyticsQuestion): Promise<SummaryFigures> {
    return this.ask(question, async (rows) => {
      const runs = await rows<RunsRow>(RUNS);
      const parts = new Map(runs.map((row) => [row.part, runFigures(row)]));
      return {
        total: parts.get(null) ?? NO_RUNS,
        parts: question.starts.map((_, part) => parts.get(part) ?? NO_RUNS),
        failedRuns: (await rows<CodeRow>(codesOf('analytics_runs'))).map(codeCount),
        failedAttempts: (await rows<CodeRow>(codesOf('analytics_attempts'))).map(codeCount),
      };
    });
  }

  tools(question: AnalyticsQuestion): Promise<readonly ToolFigures[]> {
    return this.ask(question, async (rows) => {
      const attempts = await rows<ToolKey & PercentileRow & Row<'attempts' | 'succeeded' | 'failed'>>(ATTEMPTS);
      const failures = grouped(await rows<ToolKey & CodeRow>(FAILURES), toolKey, codeCount);
      return attempts.map((row) => ({
        part: row.part,
        tool: row.tool,
        toolVersion: row.tool_version,
        attempts: Number(row.attempts),
        succeeded: Number(row.succeeded),
        failed: Number(row.failed),
        ...percentilesOf(row),
        failures: failures(toolKey(row)),
      }));
    });
  }

  approvals(question: AnalyticsQuestion): Promise<readonly ApprovalFigures[]> {
    return this.ask(question, async (rows) => {
      const requests = await rows<RiskKey & PercentileRow & Row<'requested' | 'approved' | 'rejected' | 'void' | 'open'>>(APPROVALS);
      const deciders = grouped(
        await rows<RiskKey & Row<'decided_by' | 'approved' | 'rejected'>>(DECIDERS),
        riskKey,
        (row): DeciderFigures => ({
          decidedBy: Number(row.decided_by),
          approved: Number(row.approved),
          rejected: Number(row.rejected),
        }),
      );
      return requests.map((row) => ({
        part: row.part,
        tool: row.tool,
        riskLevel: row.risk_level,
        requested: Number(row.requested),
        approved: Number(row.approved),
        rejected: Number(row.rejected),
        void: Number(row.void),
        open: Number(row.open),
        ...percentilesOf(row),
        deciders: deciders(riskKey(row)),
      }));
    });
  }

  /** All that an answer says is of one moment. */
  private ask<T>(
    { from, to, starts, userId }: AnalyticsQuestion,
    answer: (rows: <R>(statement: string) => Promise<readonly R[]>) => Promise<T>,
  ): Promise<T> {
    const values = [from, to, starts, userId ?? null];
    return translateFaults(() =>
      this.database.source.transaction('REPEATABLE READ', (manager: EntityManager) =>
        answer(<R>(statement: string) => manager.query<readonly R[]>(statement, values)),
      ),
    );
  }
}
