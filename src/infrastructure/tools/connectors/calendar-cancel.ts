import { ICalCalendar, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { z } from 'zod';
import { PROD_ID } from '../formats/calendar-product.js';
import { fileStem } from '../formats/file-stem.js';
import { defineTool } from '../tool.js';

/** As many events as calendar_create makes at most: seven a week for twelve weeks. */
const MAX_EVENTS = 84;

const oneLine = z
  .string()
  .min(1)
  .max(120)
  .regex(/^\P{Cc}*$/u, 'it must be one line without control characters');

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/, 'it must be a time such as 2026-03-10T18:00:00')
  .refine((text) => !Number.isNaN(instantOf(text).getTime()), 'there is no such time');

/** A time without zone is one of a wall clock; the library takes it as if it were UTC and writes it without zone. */
function instantOf(text: string): Date {
  return new Date(text.endsWith('Z') ? text : `${text}Z`);
}

export const calendarCancel = defineTool({
  name: 'calendar_cancel',
  version: '1.0.0',
  description:
    'Cancels events that calendar_create made: writes their cancellation as an iCalendar file to the outbox, once for each step of a run.',
  riskLevel: 'L1',
  effect: 'idempotent',
  input: z
    .object({
      title: oneLine,
      events: z
        .array(z.object({ title: oneLine, start: time, end: time }))
        .min(1)
        .max(MAX_EVENTS)
        .describe('The events as calendar_create gives them.'),
      uids: z
        // The library writes them as they are.
        .array(z.string().regex(/^[A-Za-z0-9.@_-]{1,255}$/, 'it must be the UID of an event of calendar_create'))
        .min(1)
        .max(MAX_EVENTS)
        .describe('UIDs of the events, in their order.'),
    })
    .refine(({ events, uids }) => events.length === uids.length, { path: ['uids'], error: 'there must be one for each event' }),
  output: z.object({
    status: z.literal('cancelled'),
    uids: z.array(z.string()),
    ics: z.string(),
    file: z.string().describe('Relative to the outbox.'),
  }),
  summary: 'Cancel "{/title}" in the calendar',
  shows: ['/title', '/events'],
  run: ({ title, events, uids }, { outbox, now }) =>
    outbox.publishOnce('cancellations', (folder) => {
      const stamp = new Date(now());
      // RFC 5546, section 3.2.5: what one calendar object cancels has one UID. So there is an object for each event, and the file is a stream of them (RFC 5545,
      // section 3.4). The sequence number is one more than the event's, which had none and so 0; an organizer must be named.
      const objects = events.map((event, index) => {
        const calendar = new ICalCalendar({ method: ICalCalendarMethod.CANCEL, prodId: PROD_ID });
        calendar.createEvent({
          id: uids[index]!,
          sequence: 1,
          status: ICalEventStatus.CANCELLED,
          organizer: { name: 'Life OS', email: 'lifeos@example.com' },
          summary: event.title,
          start: instantOf(event.start),
          end: instantOf(event.end),
          floating: !event.start.endsWith('Z'),
          stamp,
        });
        return `${calendar.toString()}\r\n`;
      });
      const ics = objects.join('');
      const file = `${fileStem(title, 'events')}-cancelled.ics`;
      return { files: { [file]: ics }, output: { status: 'cancelled' as const, uids, ics, file: `${folder}/${file}` } };
    }),
});
