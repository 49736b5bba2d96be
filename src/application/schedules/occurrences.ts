import type { ScheduleDefinition } from '../../domain/schedule/schedule.events.js';
import type { Recurrence } from '../ports/recurrence.js';

/** Occurrences of one schedule that are dealt with at once: a week of those that come every minute. */
export const MOST_DUE = 10_000;

type When = Pick<ScheduleDefinition, 'cron' | 'timeZone'> & { readonly endsAt?: string | null };

/** The first occurrence after the instant, in milliseconds since the Unix epoch; undefined where there is none. */
export function nextOccurrence(recurrence: Recurrence, { cron, timeZone, endsAt }: When, afterMs: number): number | undefined {
  const next = recurrence.nextAfter(cron, timeZone, afterMs);
  return next !== undefined && (endsAt === undefined || endsAt === null || next <= Date.parse(endsAt)) ? next : undefined;
}

/** Occurrences after the one instant and not after the other, oldest first; the first `MOST_DUE` of them. */
export function occurrencesBetween(recurrence: Recurrence, when: When, afterMs: number, upToMs: number): readonly number[] {
  const found: number[] = [];
  let last = afterMs;
  while (found.length < MOST_DUE) {
    const next = nextOccurrence(recurrence, when, last);
    if (next === undefined || next > upToMs) break;
    found.push(next);
    last = next;
  }
  return found;
}

/** From when on occurrences count: those before were settled, or are from before it was active. */
export const settledUpTo = (...times: readonly (string | null)[]): number =>
  Math.max(...times.map((time) => (time === null ? 0 : Date.parse(time))));
