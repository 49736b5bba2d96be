import { cronRecurrence } from '../../../src/infrastructure/time/cron-recurrence.js';

const BERLIN = 'Europe/Berlin';

/** The first occurrences after an instant. */
function occurrences(cron: string, after: string, count: number, timeZone = BERLIN): string[] {
  const found: string[] = [];
  let last: number | undefined = Date.parse(after);
  while (found.length < count) {
    last = cronRecurrence.nextAfter(cron, timeZone, last);
    if (last === undefined) break;
    found.push(new Date(last).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a cron expression', () => {
  it('comes at the times of its zone, strictly after the instant', () => {
    expect(occurrences('30 7 * * 1-5', '2026-01-09T05:00:00Z', 2)).toEqual(['2026-01-09T06:30Z', '2026-01-12T06:30Z']);
    expect(occurrences('30 7 * * 1-5', '2026-01-09T06:30:00Z', 1)).toEqual(['2026-01-12T06:30Z']);
    expect(occurrences('30 7 * * 1-5', '2026-01-09T06:29:59.999Z', 1)).toEqual(['2026-01-09T06:30Z']);
    expect(occurrences('@daily', '2026-07-01T00:00:00Z', 1)).toEqual(['2026-07-01T22:00Z']);
    expect(occurrences('0 7 * * *', '2026-07-01T00:00:00Z', 1, 'Asia/Kolkata')).toEqual(['2026-07-01T01:30Z']);
  });

  // Clocks go from 02:00 to 03:00 on 29 March 2026, which is 01:00 UTC.
  it('comes once where clocks skip its time: right after the gap', () => {
    expect(occurrences('30 2 * * *', '2026-03-27T12:00:00Z', 3)).toEqual(['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']);
    expect(occurrences('30 2,14 * * *', '2026-03-28T20:00:00Z', 2)).toEqual(['2026-03-29T01:00Z', '2026-03-29T12:30Z']);
  });

  // Clocks go from 03:00 back to 02:00 on 25 October 2026, which is 01:00 UTC.
  it('comes once where clocks show its time twice: the first time', () => {
    expect(occurrences('30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30Z', '2026-10-26T01:30Z']);
    expect(occurrences('30 2,14 * * *', '2026-10-24T20:00:00Z', 2)).toEqual(['2026-10-25T00:30Z', '2026-10-25T13:30Z']);
  });

  it.each(['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z'])('keeps its quarters of an hour over a change of clocks (%s)', (from) => {
    const times = occurrences('*/15 * * * *', from, 60).map((time) => Date.parse(time.replace('Z', ':00Z')));
    const gaps = new Set(times.slice(1).map((time, index) => time - times[index]!));
    expect([...gaps]).toEqual([15 * 60_000]);
  });

  it('knows leap days, and times that never come', () => {
    expect(occurrences('0 0 29 2 *', '2026-03-01T00:00:00Z', 1, 'UTC')).toEqual(['2028-02-29T00:00Z']);
    expect(occurrences('0 0 30 2 *', '2026-03-01T00:00:00Z', 1, 'UTC')).toEqual([]);
  });

  it.each([
    ['* * * * * *', 'it has 6 fields where there must be five'],
    ['', 'it has 0 fields'],
    ['every day', 'it has 2 fields'],
    ['2026-12-01T00:00:00', 'it has 1 field where'],
    ['61 * * * *', 'minute'],
    ['? * * * *', '"?" has no meaning here'],
    ['* * * * x', 'for example "30 7 * * 1-5"'],
    ['@reboot', 'none of the nicknames @yearly'],
    [`${'0,'.repeat(150)}0 * * * *`, 'at most 200 are possible'],
  ])('is refused where it is none: %s', (cron, why) => expect(cronRecurrence.problemOf(cron)).toContain(why));

  it.each(['* * * * *', '*/5 0-6 1,15 JAN-MAR MON', '0 0 L * *', '0 9 * * MON#1', '@hourly'])('is taken: %s', (cron) =>
    expect(cronRecurrence.problemOf(cron)).toBeUndefined(),
  );
});
