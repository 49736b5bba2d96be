import type { AlertRule } from '../../domain/alert/alert-rule.js';

/** What is to be watched, as it is configured. */
export interface AlertSettings {
  readonly rules: readonly AlertRule[];
}

export const ALERT_SETTINGS = Symbol('AlertSettings');

export interface StillRuns {
  /** The first of them, by their ids. */
  readonly workflowIds: readonly number[];
  readonly count: number;
}

export interface WaitingApprovals {
  readonly count: number;
  /** ISO 8601, UTC; null where none waits. */
  readonly oldest: string | null;
}

/** What alerts are judged by, of runs that are no shadows. */
export interface AlertSignsReader {
  /** Runs that go on, are not paused and wait for no approval, in which nothing has happened since. @param since ISO 8601, UTC */
  stillRuns(since: string): Promise<StillRuns>;
  waitingApprovals(): Promise<WaitingApprovals>;
}

export const ALERT_SIGNS_READER = Symbol('AlertSignsReader');
