/**
 * Times without a zone, as clocks on a wall show them, are held as milliseconds since 1970-01-01T00:00 of that clock (as if it were UTC).
 */
const ZONE_FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = ZONE_FORMATS.get(timeZone);
  if (!format) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...numeric });
    ZONE_FORMATS.set(timeZone, format);
  }
  return format;
}

/** Whether it is an IANA time zone (or UTC) that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What clocks in a zone show at an instant (milliseconds since the Unix epoch). */
export function wallClockAt(instant: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The instant at which clocks in a zone show a time; where they skip it, the instant that they would have shown it without the change. */
export function instantOf(wallClock: number, timeZone: string): number {
  const offsetAt = (instant: number): number => wallClockAt(instant, timeZone) - instant;
  const guess = wallClock - offsetAt(wallClock);
  const corrected = wallClock - offsetAt(guess);
  return wallClockAt(corrected, timeZone) === wallClock ? corrected : guess;
}
