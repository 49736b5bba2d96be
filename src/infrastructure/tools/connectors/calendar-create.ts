import { ICalCalendar } from 'ical-generator';
import { z } from 'zod';
import { isTimeZone } from '../../../domain/time-zone.js';
import { fileStem } from '../formats/file-stem.js';
import { PROD_ID } from '../formats/calendar-product.js';
import { instantOf, wallClockAt } from '../../time/wall-clock.js';
import { DAY, weekDates, WEEKDAYS } from '../formats/week-dates.js';
import { ToolFailure } from '../tool-failure.js';
import { defineTool } from '../tool.js';

const MINUTE = 60_000;

const input = z.object({
  title: z
    .string()
    .min(1)
    .max(120)
    .regex(/^\P{Cc}*$/u, 'it must be one line without control characters'),
  times_per_week: z.int().min(1).max(7).optional().describe('As many as there are days, or 1, where it is missing.'),
  duration_minutes: z.int().min(5).max(1_440).default(60),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'it must be a time such as 18:00')
    .default('18:00'),
  days: z.array(z.enum(WEEKDAYS)).max(7).optional().describe('The weekdays to choose from; any where it is missing.'),
  week: z.enum(['this', 'next']).default('this'),
  weeks: z.int().min(1).max(12).default(1).describe('For how many weeks.'),
  start_date: z.iso
    .date()
    .refine((date) => date >= '1970' && date < '2200', 'it must be between 1970 and 2199')
    .optional()
    .describe('The first day that is possible; today where it is missing.'),
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'it must be an IANA time zone such as Europe/Berlin')
    .optional()
    .describe(
      'An IANA time zone. Without one the events are at that time wherever the calendar is opened, and "today" is that of the person whose run it is.',
    ),
});

interface Slot {
  readonly start: number;
  readonly end: number;
}

/**
 * Milliseconds of the events: instants where there is a time zone, times of a wall clock otherwise. A time of today that is past is not used.
 * @throws ToolFailure when there are fewer days than times
 */
function slots(wish: z.output<typeof input>, now: number, timeZone: string): readonly Slot[] {
  const zone = wish.time_zone ?? timeZone;
  const [hours = 0, minutes = 0] = wish.time.split(':').map(Number);
  const timeOfDay = (hours * 60 + minutes) * MINUTE;
  const wallClock = wallClockAt(now, zone);
  const today = Math.floor(wallClock / DAY) * DAY;
  const firstToCome = today + timeOfDay > wallClock ? today : today + DAY;
  const from = wish.start_date !== undefined ? Date.parse(wish.start_date) : wish.week === 'next' ? today : firstToCome;
  const days = [...new Set(wish.days ?? [])];
  const timesPerWeek = wish.times_per_week ?? Math.max(days.length, 1);
  const dates = weekDates({ from, week: wish.week, timesPerWeek, days, weeks: wish.weeks });
  if (!dates) {
    const message = `${timesPerWeek} times a week do not fit on ${days.length} ${days.length === 1 ? 'day' : 'days'}.`;
    throw new ToolFailure('calendar_create.too-few-days', message, { retryable: false });
  }
  return dates.map((date) => {
    const start = wish.time_zone === undefined ? date + timeOfDay : instantOf(date + timeOfDay, zone);
    return { start, end: start + wish.duration_minutes * MINUTE };
  });
}

/** RFC 5545, section 3.3.11. The library escapes the texts of events, but not the calendar's name. */
const escapedText = (text: string): string => text.replace(/[\\;,]/g, '\\$&');

export const calendarCreate = defineTool({
  name: 'calendar_create',
  version: '1.0.0',
  description: 'Spreads an activity over the week and writes the events as an iCalendar file to the outbox, once for each step of a run.',
  riskLevel: 'L0',
  effect: 'idempotent',
  input,
  output: z.object({
    title: z.string(),
    events: z.array(
      z.object({
        title: z.string(),
        start: z.string().describe('ISO 8601; UTC where the call named a time zone, local to the reader otherwise.'),
        end: z.string(),
      }),
    ),
    ics: z.string(),
    file: z.string().describe('Relative to the outbox.'),
    // Calendars that were in the outbox before there was this member answer without it.
    uids: z.array(z.string()).optional().describe('UIDs of the events, in their order.'),
  }),
  summary: 'Put "{/title}" into the calendar[, {/times_per_week} times a week][, at {/time}]',
  shows: ['/title', '/times_per_week', '/days', '/time', '/duration_minutes', '/start_date', '/week', '/weeks', '/time_zone'],
  undo: {
    tool: 'calendar_cancel',
    args: {
      title: { $from: 'args', path: '/title' },
      events: { $from: 'output', path: '/events' },
      uids: { $from: 'output', path: '/uids' },
    },
  },
  run: (wish, { outbox, now, timeZone }) =>
    // Everything that depends on the clock is inside: a repeat gives the first call's week, not its own.
    outbox.publishOnce('calendar', (folder) => {
      const { title } = wish;
      const floating = wish.time_zone === undefined;
      const stamp = now();
      const iso = (time: number): string => new Date(time).toISOString().slice(0, 19) + (floating ? '' : 'Z');
      const times = slots(wish, stamp, timeZone);
      const calendar = new ICalCalendar({
        name: escapedText(title),
        prodId: PROD_ID,
      });
      const uids = times.map((_, index) => `${outbox.id}-${index + 1}@lifeos.example`);
      times.forEach(({ start, end }, index) => {
        const time = { start: new Date(start), end: new Date(end), floating, stamp: new Date(stamp) };
        calendar.createEvent({ id: uids[index]!, summary: title, ...time });
      });
      // RFC 5545, section 3.1: the last line ends in CRLF too.
      const ics = `${calendar.toString()}\r\n`;
      const file = `${fileStem(title, 'events')}.ics`;
      const events = times.map(({ start, end }) => ({ title, start: iso(start), end: iso(end) }));
      return { files: { [file]: ics }, output: { title, events, ics, file: `${folder}/${file}`, uids } };
    }),
});
