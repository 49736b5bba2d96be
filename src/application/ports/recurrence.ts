/** Why a cron expression is none: a sentence for people. */
export type CronProblem = string;

/** Times at which a cron expression comes, in a time zone whose clocks change. */
export interface Recurrence {
  /** What is wrong with the expression; undefined where nothing is. */
  problemOf(cron: string): CronProblem | undefined;
  /** The first time strictly after the instant, in milliseconds since the Unix epoch; undefined where there is none. */
  nextAfter(cron: string, timeZone: string, afterMs: number): number | undefined;
}

export const RECURRENCE = Symbol('Recurrence');
