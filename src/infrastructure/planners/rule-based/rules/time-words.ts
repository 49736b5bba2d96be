import type { JsonObject } from '../../../../domain/json.js';
import type { Moment, Remainder } from '../rule.js';
import { takeDate, type Said } from './date-words.js';
import { takeDuration } from './durations.js';

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
/** First and last hour that a part of the day can mean; a night goes on after midnight. */
const PART_HOURS: Readonly<Record<string, readonly [number, number]>> = {
  morning: [3, 11],
  'before work': [3, 11],
  noon: [11, 13],
  midday: [11, 13],
  lunch: [11, 15],
  afternoon: [12, 18],
  evening: [16, 23],
  'after work': [12, 23],
  night: [18, 3],
};
const MIN_MINUTES = 5;
const MAX_MINUTES = 1_440;

/** The day, the time of day and how long, as the calendar tool takes them; or why it cannot be planned. */
export interface TimeOfDay {
  readonly args: JsonObject;
  /** A date that is named; the first of several where `isStart`. */
  readonly date: string | undefined;
  readonly isStart: boolean;
  /** A sentence. */
  readonly problem: string | undefined;
}

/**
 * Takes from a text what it says about a date, the time of day and how long.
 * @param part of the day that is known already
 */
export function takeTimeOfDay(rest: Remainder, part: string | undefined, moment: Moment): TimeOfDay {
  const lasting = takeDuration(rest);
  const found = rest.take(PART);
  const named =
    part ??
    (found?.groups?.['work']
      ? `${found.groups['work'].toLowerCase()} work`
      : (found?.groups?.['part'] ?? found?.groups?.['at'])?.toLowerCase());
  const said = takeDate(rest, moment);
  const partName = named ?? /\b(?:morning|lunch|noon|afternoon|evening|night)\b/i.exec(rest.text)?.[0].toLowerCase();
  const fallback = partName === undefined ? undefined : PART_TIMES[partName.startsWith('lunch') ? 'lunch' : partName];
  const minutes = lasting ?? said.minutes;
  const time = said.hour === undefined ? fallback : timeOf(said, said.hour, partName);
  const problem =
    said.problem ??
    (named !== undefined && time !== undefined && !isPartOf(named.startsWith('lunch') ? 'lunch' : named, time)
      ? `Which time is meant, ${time} or "${named}"?`
      : undefined) ??
    (time === 'ambiguous'
      ? 'Which time of day is meant? For example: "at 7am", "at 19:00".'
      : lasting !== undefined && said.minutes !== undefined && lasting !== said.minutes
        ? `How long is meant, ${lasting} or ${said.minutes} minutes?`
        : minutes !== undefined && (minutes < MIN_MINUTES || minutes > MAX_MINUTES)
          ? `An event can last ${MIN_MINUTES} minutes to 24 hours, not ${minutes} minutes.`
          : undefined);
  const args = {
    ...(time === undefined ? {} : { time }),
    ...(minutes === undefined ? {} : { duration_minutes: minutes }),
    ...(said.timeZone === undefined ? {} : { time_zone: said.timeZone }),
  };
  return { args, date: said.date, isStart: said.isStart, problem };
}

function isPartOf(part: string, time: string): boolean {
  const hours = PART_HOURS[part];
  if (!hours || !/^\d/.test(time)) return true;
  const hour = Number(time.slice(0, 2));
  const [first, last] = hours;
  return first <= last ? hour >= first && hour <= last : hour >= first || hour <= last;
}

function timeOf({ minute, isClear }: Said, hour: number, part: string | undefined): string {
  // "At 7" alone could be either; 13 to 23, minutes and a part of the day say which.
  if (!isClear && hour <= 12 && part === undefined) return 'ambiguous';
  const isAfternoon = !isClear && part !== undefined && !part.endsWith('morning') && part !== 'before work' && hour < 12;
  return `${String(isAfternoon ? hour + 12 : hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
