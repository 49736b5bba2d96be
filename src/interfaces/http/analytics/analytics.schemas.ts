import { z } from 'zod';
import type {
  ApprovalFigures,
  CodeCount,
  Percentiles,
  RunFigures,
  SummaryFigures,
  ToolFigures,
} from '../../../application/ports/analytics.js';
import { BUCKETS } from '../../../application/ports/calendar.js';
import { MOST_BUCKETS, type AnswerOfPeriod, type AskedPeriod, type PeriodPart } from '../../../application/queries/analytics-period.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { freshness, idParameter, question, timeParameter, timeZone } from '../requests/parameters.js';
import { id, time } from '../responses/member-schemas.js';

const bucket = z.enum(BUCKETS).meta({
  description: `Divides the period into hours, days or weeks (from Monday on) of the time zone, at most ${MOST_BUCKETS.toLocaleString('en')}. The first and the last may be cut off.`,
});

const shape = {
  from: z.exactOptional(timeParameter('The period begins with it. Seven days before its end where it is absent.')),
  to: z.exactOptional(timeParameter('The period ends before it. Now where it is absent.')),
  time_zone: z
    .exactOptional(timeZone)
    .meta({ description: 'Whose hours, days and weeks they are, such as `Europe/Berlin`. UTC where it is absent.' }),
  user_id: z.exactOptional(idParameter('Only runs of this user.')),
  format: z.exactOptional(z.enum(['json', 'csv'])).meta({ description: 'Instead of an `Accept` header.' }),
};

export const summaryQuestion = question({ ...shape, bucket: bucket.default('day') });
export const figuresQuestion = question({ ...shape, bucket: z.exactOptional(bucket) });
export type FiguresQuestion = z.infer<typeof figuresQuestion>;

export const askedPeriod = (query: FiguresQuestion): AskedPeriod => ({
  ...freshness(query),
  ...(query.from === undefined ? {} : { from: Date.parse(query.from) }),
  ...(query.to === undefined ? {} : { to: Date.parse(query.to) }),
  ...(query.bucket === undefined ? {} : { bucket: query.bucket }),
  ...(query.user_id === undefined ? {} : { userId: query.user_id }),
  timeZone: query.time_zone ?? 'UTC',
});

const count = z.int().min(0);
const rate = z
  .number()
  .min(0)
  .max(1)
  .nullable()
  .meta({ description: 'Succeeded of all that ended; null where nothing did.', example: 0.975 });
const percentile = z
  .int()
  .nullable()
  .meta({ description: 'In milliseconds: the value at this place of the sorted list, exact. Null where there is none.' });
const percentiles = { p50_ms: percentile, p95_ms: percentile };
const period = { from: time, to: time };
const codes = z.array(z.strictObject({ code: z.string(), count }).meta({ id: 'CodeCount' }));

const runFigures = { ended: count, succeeded: count, failed: count, cancelled: count, success_rate: rate, ...percentiles };

export const summarySchema = z
  .strictObject({
    ...period,
    runs: z
      .strictObject(runFigures)
      .meta({ id: 'RunFigures', description: 'Runs that ended in the period; how long they took from submission to end.' }),
    buckets: z
      .array(z.strictObject({ start: time, end: time, ...runFigures }).meta({ id: 'RunFiguresOfBucket' }))
      .meta({ description: 'The same by hour, day or week.' }),
    failed_runs_by_code: codes.meta({ description: 'Most frequent first, at most 50.' }),
    failed_attempts_by_code: codes.meta({
      description: 'Of all attempts that failed, also those that were tried again. Most frequent first, at most 50.',
    }),
  })
  .meta({ id: 'AnalyticsSummary' });

export const toolsSchema = z
  .strictObject({
    ...period,
    items: z.array(
      z
        .strictObject({
          start: time,
          end: time,
          tool: z.string(),
          tool_version: z.string().nullable().meta({ description: 'Null: of an older version of the engine, which did not say.' }),
          attempts: count,
          succeeded: count,
          failed: count,
          success_rate: rate,
          ...percentiles,
          attempts_per_success: z.number().nullable().meta({ description: 'Attempts for each step that succeeded; null where none did.' }),
          failures_by_code: codes.meta({ description: 'Most frequent first, at most 50.' }),
        })
        .meta({ id: 'ToolFigures' }),
    ),
  })
  .meta({ id: 'AnalyticsTools' });

export const approvalsSchema = z
  .strictObject({
    ...period,
    items: z.array(
      z
        .strictObject({
          start: time,
          end: time,
          risk_level: z.enum(RISK_LEVELS),
          tool: z.string(),
          requested: count,
          approved: count,
          rejected: count,
          void: count.meta({ description: 'The run was stopped before anybody decided.' }),
          open: count,
          ...percentiles,
          by_decider: z
            .array(z.strictObject({ decided_by: id, approved: count, rejected: count }).meta({ id: 'DeciderFigures' }))
            .meta({ description: 'Who decided most first, at most 50.' }),
        })
        .meta({
          id: 'ApprovalFigures',
          description:
            'Requests made in the period, and what has become of them; percentiles are of the waiting of those that were decided.',
        }),
    ),
  })
  .meta({ id: 'AnalyticsApprovals' });

const iso = (instant: number): string => new Date(instant).toISOString();
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const presentPercentiles = ({ p50Ms, p95Ms }: Percentiles): { p50_ms: number | null; p95_ms: number | null } => ({
  p50_ms: p50Ms,
  p95_ms: p95Ms,
});
const presentPart = ({ start, end }: PeriodPart): { start: string; end: string } => ({ start: iso(start), end: iso(end) });
const presentCodes = (found: readonly CodeCount[]): CodeCount[] => found.map(({ code, count: times }) => ({ code, count: times }));

const presentRuns = (runs: RunFigures): z.infer<z.ZodObject<typeof runFigures>> => ({
  ended: runs.ended,
  succeeded: runs.succeeded,
  failed: runs.failed,
  cancelled: runs.cancelled,
  success_rate: ratio(runs.succeeded, runs.ended),
  ...presentPercentiles(runs),
});

const presentPeriod = ({ from, to }: AnswerOfPeriod<unknown>): { from: string; to: string } => ({ from: iso(from), to: iso(to) });

export const presentSummary = (answer: AnswerOfPeriod<SummaryFigures>): z.infer<typeof summarySchema> => ({
  ...presentPeriod(answer),
  runs: presentRuns(answer.figures.total),
  buckets: answer.parts.map((part, index) => ({ ...presentPart(part), ...presentRuns(answer.figures.parts[index]!) })),
  failed_runs_by_code: presentCodes(answer.figures.failedRuns),
  failed_attempts_by_code: presentCodes(answer.figures.failedAttempts),
});

export const presentTools = (answer: AnswerOfPeriod<readonly ToolFigures[]>): z.infer<typeof toolsSchema> => ({
  ...presentPeriod(answer),
  items: answer.figures.map((tool) => ({
    ...presentPart(answer.parts[tool.part]!),
    tool: tool.tool,
    tool_version: tool.toolVersion,
    attempts: tool.attempts,
    succeeded: tool.succeeded,
    failed: tool.failed,
    success_rate: ratio(tool.succeeded, tool.attempts),
    ...presentPercentiles(tool),
    attempts_per_success: ratio(tool.attempts, tool.succeeded),
    failures_by_code: presentCodes(tool.failures),
  })),
});

export const presentApprovals = (answer: AnswerOfPeriod<readonly ApprovalFigures[]>): z.infer<typeof approvalsSchema> => ({
  ...presentPeriod(answer),
  items: answer.figures.map((group) => ({
    ...presentPart(answer.parts[group.part]!),
    risk_level: group.riskLevel,
    tool: group.tool,
    requested: group.requested,
    approved: group.approved,
    rejected: group.rejected,
    void: group.void,
    open: group.open,
    ...presentPercentiles(group),
    by_decider: group.deciders.map(({ decidedBy, approved, rejected }) => ({ decided_by: decidedBy, approved, rejected })),
  })),
});
