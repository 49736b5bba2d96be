/**
 * Times without a zone, as clocks on a wall show them, are held as milliseconds since 1970-01-01T00:00 of that clock (as if it were UTC).
 */
const ZONE_FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds. No zone is farther from UTC, and no change of clocks is larger. */
const DAY = 86_400_000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = ZONE_FORMATS.get(timeZone);
  if (!format) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...numeric });
    ZONE_FORMATS.set(timeZone, format);
  }
  return format;
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

/**
 * The instant at which clocks in a zone show a time. Of one that they show twice, the first is meant; one that they skip is reckoned with the offset before
 * the change (RFC 5545, section 3.3.5).
 */
export function instantOf(wallClock: number, timeZone: string): number {
  const offsetAt = (instant: number): number => wallClockAt(instant, timeZone) - instant;
  const withOffsetBefore = wallClock - offsetAt(wallClock - DAY);
  const withOffsetAfter = wallClock - offsetAt(wallClock + DAY);
  const shown = [withOffsetBefore, withOffsetAfter].filter((instant) => wallClockAt(instant, timeZone) === wallClock);
  return shown.length > 0 ? Math.min(...shown) : withOffsetBefore;
}
