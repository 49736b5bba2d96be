/** Codes of RFC 5545; Monday first, as ISO weeks begin. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Milliseconds. */
export const DAY = 86_400_000;

/** 0 is Monday. Days are midnights of a wall clock, in milliseconds. */
const weekdayOf = (day: number): number => (new Date(day).getUTCDay() + 6) % 7;

export interface WeekWish {
  /** The first day that is possible: a midnight. */
  readonly from: number;
  /** This week or the Monday-to-Sunday week after it. */
  readonly week: 'this' | 'next';
  readonly timesPerWeek: number;
  readonly days: readonly Weekday[];
  readonly weeks: number;
}

/**
 * Days for something that happens so many times a week, spread evenly, in order. "This week" ends on Sunday where enough days are left in it, and is the
 * seven days that begin with `from` otherwise.
 * @returns undefined when there are fewer of the wanted weekdays than times
 */
export function weekDates({ from, week, timesPerWeek, days, weeks }: WeekWish): readonly number[] | undefined {
  const start = week === 'next' ? from + (7 - weekdayOf(from)) * DAY : from;
  const daysLeft = 7 - weekdayOf(start);
  const length = weeks === 1 && days.length === 0 && daysLeft >= timesPerWeek ? daysLeft : 7;
  const candidates = Array.from({ length }, (_, index) => start + index * DAY).filter(
    (day) => days.length === 0 || days.includes(WEEKDAYS[weekdayOf(day)]!),
  );
  if (candidates.length < timesPerWeek) return undefined;
  const chosen = Array.from({ length: timesPerWeek }, (_, index) => candidates[Math.floor((index * candidates.length) / timesPerWeek)]!);
  return Array.from({ length: weeks }, (_, index) => chosen.map((day) => day + index * 7 * DAY)).flat();
}
