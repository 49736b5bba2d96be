import type { RiskLevel } from '../../domain/risk/risk-level.js';

/** What figures are about. Times are milliseconds since the Unix epoch. */
export interface AnalyticsQuestion {
  /** The period begins with it, … */
  readonly from: number;
  /** … and ends before it. */
  readonly to: number;
  /** Where the parts of the period begin, ascending; the first is `from`. */
  readonly starts: readonly number[];
  /** Only runs of this person. */
  readonly userId?: number;
}

/** Of a sorted list the value at place ⌈p·n⌉, which is one of them (`percentile_disc`); null where there is none. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** Runs that ended, from their submission to their end. */
export interface RunFigures extends Percentiles {
  readonly ended: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

export interface SummaryFigures {
  readonly total: RunFigures;
  /** One for each start, also where nothing ended. */
  readonly parts: readonly RunFigures[];
  /** Most frequent first. */
  readonly failedRuns: readonly CodeCount[];
  readonly failedAttempts: readonly CodeCount[];
}

/** Attempts of a tool that ended within a part of the period. */
export interface ToolFigures extends Percentiles {
  /** Which part of the period: 0 is the first. */
  readonly part: number;
  readonly tool: string;
  /** Null: of an older version of the engine, which did not say. */
  readonly toolVersion: string | null;
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Most frequent first. */
  readonly failures: readonly CodeCount[];
}

export interface DeciderFigures {
  readonly decidedBy: number;
  readonly approved: number;
  readonly rejected: number;
}

/** Approvals that were requested within a part of the period, and what has become of them by now; percentiles are of the waiting of those that were decided. */
export interface ApprovalFigures extends Percentiles {
  readonly part: number;
  readonly tool: string;
  readonly riskLevel: RiskLevel;
  readonly requested: number;
  readonly approved: number;
  readonly rejected: number;
  /** The run was stopped before anybody decided. */
  readonly void: number;
  readonly open: number;
  /** Who decided most first. */
  readonly deciders: readonly DeciderFigures[];
}

/** Figures that are exact: counted over what the log says, whatever the size of the period. */
export interface AnalyticsReader {
  summary(question: AnalyticsQuestion): Promise<SummaryFigures>;
  /** Those that have any, in the order of parts, tools and versions. */
  tools(question: AnalyticsQuestion): Promise<readonly ToolFigures[]>;
  /** Those that have any, in the order of parts, risk levels and tools. */
  approvals(question: AnalyticsQuestion): Promise<readonly ApprovalFigures[]>;
}

export const ANALYTICS_READER = Symbol('AnalyticsReader');
