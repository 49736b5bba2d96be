import type { JsonObject } from '../../../../domain/json.js';
import { NUMBER, numberOf } from '../numbers.js';
import type { Remainder } from '../rule.js';

const DURATION = new RegExp(
  `\\b(?:for\\s+)?(?:about\\s+|at\\s+least\\s+)?(?<amount>half\\s+an|\\d{1,4}(?:\\.\\d{1,2})?|${NUMBER})[\\s-]*(?<unit>minutes?|mins?|hours?|hrs?|h)\\b(?:\\s+(?:each(?:\\s+time)?|every\\s+time|per\\s+session))?`,
  'i',
);
const CLOCK = /(?:\b(?:at|from)\s+|@\s*|\b)(?<hour>\d{1,2})[:.](?<minute>\d{2})(?:\s*(?<half>am|pm))?\b/i;
const HOUR =
  /(?:\b(?:at|from)\s+|@\s*)(?<hour>\d{1,2})\b(?!\s*(?:x|×|times))(?:\s*(?<half>am|pm|o'clock)\b)?|\b(?<bare>\d{1,2})\s*(?<bareHalf>am|pm)\b/i;
const PART =
  /\b(?:in\s+the\s+(?<part>morning|afternoon|evening)|at\s+(?<at>night|noon|midday|lunch(?:\s*time)?)|(?<work>before|after)\s+work)\b/i;

const PART_TIMES: Readonly<Record<string, string>> = {
  morning: '08:00',
  'before work': '07:00',
  noon: '12:00',
  midday: '12:00',
  lunch: '12:00',
  afternoon: '15:00',
  evening: '18:00',
  'after work': '18:00',
  night: '21:00',
};
const MIN_MINUTES = 5;
const MAX_MINUTES = 1_440;

/** The time of day and how long, as the calendar tool takes it; or why it cannot be planned. */
export interface TimeOfDay {
  readonly args: JsonObject;
  readonly problem: string | undefined;
}

/**
 * Takes from a text what it says about the time of day and how long.
 * @param part of the day that is known already
 */
export function takeTimeOfDay(rest: Remainder, part: string | undefined): TimeOfDay {
  const duration = rest.take(DURATION)?.groups;
  const found = rest.take(PART);
  const named =
    part ??
    (found?.groups?.['work']
      ? `${found.groups['work'].toLowerCase()} work`
      : (found?.groups?.['part'] ?? found?.groups?.['at'])?.toLowerCase());
  const clock = rest.take(CLOCK)?.groups ?? rest.take(HOUR)?.groups;
  const partName = named ?? /\b(?:morning|lunch|noon|afternoon|evening|night)\b/i.exec(rest.text)?.[0].toLowerCase();
  const fallback = partName === undefined ? undefined : PART_TIMES[partName.startsWith('lunch') ? 'lunch' : partName];

  let minutes: number | undefined;
  if (duration) {
    const amount = /^half/i.test(duration['amount']!)
      ? 0.5
      : duration['amount']!.includes('.')
        ? Number(duration['amount'])
        : numberOf(duration['amount']!);
    minutes = Math.round(amount * (/^h/i.test(duration['unit']!) ? 60 : 1));
  }
  const time = clock ? timeOf(clock, partName) : fallback;
  const problem =
    time === 'ambiguous'
      ? 'Which time of day is meant? For example: "at 7am", "at 19:00".'
      : time === 'impossible'
        ? 'There is no such time of day. For example: "at 7am", "at 19:00".'
        : minutes !== undefined && (minutes < MIN_MINUTES || minutes > MAX_MINUTES)
          ? `An event can last ${MIN_MINUTES} minutes to 24 hours, not ${minutes} minutes.`
          : undefined;
  return { args: { ...(time === undefined ? {} : { time }), ...(minutes === undefined ? {} : { duration_minutes: minutes }) }, problem };
}

function timeOf(clock: Readonly<Record<string, string | undefined>>, part: string | undefined): string {
  const hour = Number(clock['hour'] ?? clock['bare']);
  const half = (clock['half'] ?? clock['bareHalf'])?.toLowerCase();
  const minute = clock['minute'];
  const isHalved = half === 'am' || half === 'pm';
  if (hour > 23 || Number(minute ?? 0) > 59 || (isHalved && (hour < 1 || hour > 12))) return 'impossible';
  // "At 7" alone could be either; 13 to 23, minutes and a part of the day say which.
  if (!isHalved && minute === undefined && hour <= 12 && part === undefined) return 'ambiguous';
  const isAfternoon = half === 'pm' || (!isHalved && minute === undefined && part !== undefined && part !== 'morning' && hour < 12);
  const full = isHalved && hour === 12 ? (half === 'pm' ? 12 : 0) : isAfternoon && hour < 12 ? hour + 12 : hour;
  return `${String(full).padStart(2, '0')}:${minute ?? '00'}`;
}
