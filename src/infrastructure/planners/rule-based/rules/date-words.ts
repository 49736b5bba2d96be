import { en, type ParsedResult } from 'chrono-node';
import { isTimeZone } from '../../../../domain/time-zone.js';
import { wallClockAt } from '../../../time/wall-clock.js';
import type { Moment, Remainder } from '../rule.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** What a text says of one date, and of the time of day in figures. */
export interface Said {
  /** `2026-03-14`. */
  readonly date: string | undefined;
  /** Whether the date is the first of several: "from 3 March". */
  readonly isStart: boolean;
  readonly hour: number | undefined;
  readonly minute: number;
  /** Whether the hour can be of one half of the day only. */
  readonly isClear: boolean;
  /** Where an end is said too. */
  readonly minutes: number | undefined;
  /** An IANA name. */
  readonly timeZone: string | undefined;
  /** Why it cannot be planned, a sentence. */
  readonly problem: string | undefined;
}

/** Reckoned from now, or of a length: read elsewhere, or not at all. */
const RELATIVE =
  /\b(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?|decades?|now|ago|end|last|next|this)\b/i;
const EITHER_ORDER = /(?<![\d/.-])(?<first>\d{1,2})(?<sign>[/-])(?<second>\d{1,2})(?:\k<sign>\d{2,4})?(?![\d/-])/;
const LEAD = /(?:^|\s)(?<start>(?:starting|beginning)(?:\s+(?:on|from))?|from)\s*$|(?:^|\s)(?:on|at|@)(?:\s+the)?\s*$/i;
const STARTS = /^(?:from|starting|beginning)\b/i;
const ZONE = /(?:^|\s)(?:in\s+)?(?<name>[A-Z][A-Za-z_]+(?:\/[A-Za-z][A-Za-z0-9_+-]+){1,2})(?:\s+time)?(?=\s|$)/;
/** Without one of these there is no date or time that is understood here. */
const MAY_BE_DATE = /\d|today|tomorrow|tonight|noon|midnight/i;
/** The rest of a title, for the reader of dates: it must not join what stands on both sides. */
const OPAQUE = /[\u001f\ue000-\uf8ff]/g;

const isDate = ({ start, text }: ParsedResult): boolean => start.isCertain('day') && start.isCertain('month') && !RELATIVE.test(text);
/** A month or weekday without a date beside it would be lost. */
const isTime = ({ start, text }: ParsedResult): boolean =>
  start.isCertain('hour') && (start.isCertain('day') || !(start.isCertain('month') || start.isCertain('weekday'))) && !RELATIVE.test(text);

const two = (number: number): string => String(number).padStart(2, '0');

/** Takes from a text a date and a time of day; what it leaves, nobody has understood. */
export function takeDate(rest: Remainder, { instant, timeZone }: Moment): Said {
  const zone = ZONE.exec(rest.text)?.groups?.['name'];
  const named = zone !== undefined && isTimeZone(zone) ? zone : undefined;
  if (named !== undefined) rest.take(ZONE);
  const offset = (wallClockAt(instant, timeZone) - Math.floor(instant / 1_000) * 1_000) / MINUTE;
  const reference = { instant: new Date(instant), timezone: offset };
  const read = MAY_BE_DATE.test(rest.text) ? en.GB.parse(rest.text.replace(OPAQUE, '·'), reference, { forwardDate: true }) : [];
  const found = read.filter((one) => isDate(one) || isTime(one));
  const date = found.find(isDate);
  const time = found.find(isTime);
  const extra = found.find((one) => one !== date && one !== time);
  let isStart = false;
  // From the end, so that places stay.
  for (const { index, text } of [...found].reverse()) {
    const lead = LEAD.exec(rest.text.slice(0, index));
    isStart ||= lead?.groups?.['start'] !== undefined || STARTS.test(text);
    const from = index - (lead?.[0].length ?? 0);
    rest.cut(from, index + text.length - from);
  }
  const day = date && { year: date.start.get('year')!, month: date.start.get('month')!, day: date.start.get('day')! };
  const iso = day && `${day.year}-${two(day.month)}-${two(day.day)}`;
  const hour = time?.start.get('hour') ?? undefined;
  const minute = time?.start.get('minute') ?? 0;
  const endOfTime = time?.end?.isCertain('hour') ? time.end : undefined;
  const from = (hour ?? 0) * 60 + minute;
  const until = endOfTime && endOfTime.get('hour')! * 60 + endOfTime.get('minute')!;
  return {
    date: iso,
    isStart: isStart && date !== undefined && endOfTime === undefined,
    hour,
    minute,
    isClear:
      time !== undefined &&
      (time.start.isCertain('meridiem') || /\d[:.]\d\d|noon|midnight/i.test(time.text) || endOfTime?.isCertain('meridiem') === true),
    minutes: until === undefined ? undefined : until > from ? until - from : until + 1_440 - from,
    timeZone: named ?? (time?.start.get('timezoneOffset') === 0 && time.start.isCertain('timezoneOffset') ? 'UTC' : undefined),
    problem: extra
      ? `Which time is meant, "${(date ?? time)!.text}" or "${extra.text}"?`
      : problemOf(date, time, iso, wallClockAt(instant, timeZone)),
  };
}

function problemOf(
  date: ParsedResult | undefined,
  time: ParsedResult | undefined,
  iso: string | undefined,
  now: number,
): string | undefined {
  if (time?.start.isCertain('timezoneOffset') && time.start.get('timezoneOffset') !== 0)
    return `"${time.text}": name the time zone as in "18:00 Europe/Berlin".`;
  if (!date || iso === undefined) return undefined;
  if (/tonight/i.test(date.text) && !time) return 'At what time tonight? For example: "tonight at 8pm".';
  const order = EITHER_ORDER.exec(date.text)?.groups;
  if (order && Number(order['first']) <= 12 && Number(order['second']) <= 12 && order['first'] !== order['second'])
    return `"${date.text}" can be read as two dates: write it as in "3 March" or "${iso}".`;
  if (date.end?.isCertain('day')) return `"${date.text}" is more than one day: name the days, or the first one and for how many weeks.`;
  const midnight = Date.parse(iso);
  if (date.start.isCertain('weekday') && new Date(midnight).getUTCDay() !== date.start.get('weekday'))
    return `"${date.text}": that date is another day of the week.`;
  const time0 = time === date ? (date.start.get('hour')! * 60 + date.start.get('minute')!) * MINUTE : DAY - 1;
  if (midnight + time0 < now) return `"${date.text}" is past.`;
  return iso < '1970' || iso >= '2200' ? `"${date.text}" is out of the calendar's reach.` : undefined;
}
