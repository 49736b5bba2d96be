import type { Calendar } from '../../application/ports/calendar.js';
import { instantOf, wallClockAt } from './wall-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SECOND = 1_000;
/** 1 January 1970 was a Thursday. */
const DAYS_FROM_MONDAY = 3;

const remainder = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

/** Clocks show whole seconds. */
const shownAt = (instant: number, timeZone: string): number => wallClockAt(instant, timeZone) + remainder(instant, SECOND);

/** Days have as many hours as clocks show of them: 23 or 25 when they change. An hour that is shown twice is two. */
export const zoneCalendar: Calendar = {
  nextStart(bucket, timeZone, instant) {
    const shown = shownAt(instant, timeZone);
    if (bucket === 'hour') return instant + HOUR - remainder(shown, HOUR);
    const today = Math.floor(shown / DAY);
    const passed = bucket === 'day' ? 0 : remainder(today + DAYS_FROM_MONDAY, 7);
    const next = today - passed + (bucket === 'day' ? 1 : 7);
    return instantOf(next * DAY, timeZone);
  },
};
