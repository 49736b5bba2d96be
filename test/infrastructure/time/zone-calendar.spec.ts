import { AnalyticsPeriods } from '../../../src/application/queries/analytics-period.js';
import { BUCKETS, type Bucket } from '../../../src/application/ports/calendar.js';
import { TestClock } from '../../application/support/test-clock.js';
import { zoneCalendar } from '../../../src/infrastructure/time/zone-calendar.js';

const HOUR = 3_600_000;
const BERLIN = 'Europe/Berlin';

const partsOf = async (from: string, to: string, bucket: Bucket, timeZone = BERLIN) => {
  const periods = new AnalyticsPeriods(zoneCalendar, new TestClock(0));
  const { parts } = await periods.answer({ from: Date.parse(from), to: Date.parse(to), bucket, timeZone }, () => Promise.resolve(0));
  return parts;
};
const startsOf = async (...asked: Parameters<typeof partsOf>) =>
  (await partsOf(...asked)).map(({ start }) => new Date(start).toISOString());
const hoursOf = async (...asked: Parameters<typeof partsOf>) => (await partsOf(...asked)).map(({ start, end }) => (end - start) / HOUR);

describe('the parts of a period', () => {
  it('are days of the zone: one has 23 hours when clocks go forward', async () => {
    const asked = ['2026-03-28T00:00:00+01:00', '2026-03-31T00:00:00+02:00', 'day'] as const;
    expect(await startsOf(...asked)).toEqual(['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
    expect(await hoursOf(...asked)).toEqual([24, 23, 24]);
  });

  it('have 25 hours on the day on which clocks go back', async () => {
    expect(await hoursOf('2026-10-24T00:00:00+02:00', '2026-10-27T00:00:00+01:00', 'day')).toEqual([24, 25, 24]);
  });

  it('are weeks from Monday on, of 167 and 169 hours where clocks change', async () => {
    expect(await hoursOf('2026-03-16T00:00:00+01:00', '2026-04-06T00:00:00+02:00', 'week')).toEqual([168, 167, 168]);
    expect(await hoursOf('2026-10-19T00:00:00+02:00', '2026-11-02T00:00:00+01:00', 'week')).toEqual([169, 168]);
    expect(await startsOf('2026-01-01T00:00:00Z', '2026-01-13T00:00:00Z', 'week', 'UTC')).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-05T00:00:00.000Z',
      '2026-01-12T00:00:00.000Z',
    ]);
  });

  it('are hours that are shown once, twice or not at all', async () => {
    expect(await hoursOf('2026-03-29T00:00:00+01:00', '2026-03-29T04:00:00+02:00', 'hour')).toEqual([1, 1, 1]);
    expect(await hoursOf('2026-10-25T00:00:00+02:00', '2026-10-25T04:00:00+01:00', 'hour')).toEqual([1, 1, 1, 1, 1]);
  });

  it('are cut off where the period begins and ends', async () => {
    expect(await startsOf('2026-06-01T10:30:15.250+02:00', '2026-06-01T12:10:00+02:00', 'hour')).toEqual([
      '2026-06-01T08:30:15.250Z',
      '2026-06-01T09:00:00.000Z',
      '2026-06-01T10:00:00.000Z',
    ]);
  });

  it('follow clocks that change at midnight, by half an hour, or by a whole day', async () => {
    // Midnight is not shown on 4 November 2018 in São Paulo; 30 December 2011 is not in Samoa.
    expect(await hoursOf('2018-11-03T00:00:00-03:00', '2018-11-06T00:00:00-02:00', 'day', 'America/Sao_Paulo')).toEqual([24, 23, 24]);
    expect(await hoursOf('2011-12-29T00:00:00-10:00', '2012-01-01T00:00:00+14:00', 'day', 'Pacific/Apia')).toEqual([24, 24]);
    expect(await hoursOf('2026-04-05T00:00:00+11:00', '2026-04-05T03:00:00+10:30', 'hour', 'Australia/Lord_Howe')).toEqual([1, 1, 0.5, 1]);
    expect(await startsOf('2026-06-01T00:15:00Z', '2026-06-01T01:00:00Z', 'hour', 'Asia/Kolkata')).toEqual([
      '2026-06-01T00:15:00.000Z',
      '2026-06-01T00:30:00.000Z',
    ]);
  });

  it.each(BUCKETS)('of one %s follow one another without end, at any time of the year', (bucket) => {
    for (const timeZone of ['UTC', BERLIN, 'Australia/Lord_Howe', 'America/Havana', 'Africa/Casablanca']) {
      let at = Date.parse('2025-12-31T23:59:59.999Z');
      while (at < Date.parse('2027-01-01T00:00:00Z')) {
        const next = zoneCalendar.nextStart(bucket, timeZone, at);
        expect(next).toBeGreaterThan(at);
        // What begins in the part ends with it.
        expect(zoneCalendar.nextStart(bucket, timeZone, next - 1)).toBe(next);
        at = next + (bucket === 'hour' ? 11 * HOUR : 0);
      }
    }
  });

  it('are a thousand at most', async () => {
    const from = '2026-01-01T00:00:00Z';
    expect(await startsOf(from, new Date(Date.parse(from) + 1_000 * HOUR).toISOString(), 'hour', 'UTC')).toHaveLength(1_000);
    await expect(partsOf(from, new Date(Date.parse(from) + 1_000 * HOUR + 1).toISOString(), 'hour', 'UTC')).rejects.toMatchObject({
      code: 'analytics.invalid-period',
      message: 'The period has more than 1,000 parts (bucket=hour): ask for a shorter period, or for larger parts.',
    });
  });

  it('are those of the last seven days where nobody says which', async () => {
    const periods = new AnalyticsPeriods(zoneCalendar, new TestClock(1_000 * HOUR));
    const answer = await periods.answer({ timeZone: 'UTC' }, (question) => Promise.resolve(question));
    expect(answer).toMatchObject({ from: 832 * HOUR, to: 1_000 * HOUR, figures: { starts: [832 * HOUR] } });
  });

  it('need a period', async () => {
    await expect(partsOf('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'day')).rejects.toMatchObject({
      code: 'analytics.invalid-period',
    });
  });
});
