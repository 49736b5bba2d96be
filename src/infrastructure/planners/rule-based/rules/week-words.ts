import type { JsonObject } from '../../../../domain/json.js';
import { NUMBER, numberOf } from '../numbers.js';
import type { Remainder } from '../rule.js';

const DAY_CODES: Readonly<Record<string, string>> = { mon: 'MO', tue: 'TU', wed: 'WE', thu: 'TH', fri: 'FR', sat: 'SA', sun: 'SU' };
const DAY = '(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)';
const DAYS = new RegExp(
  `\\b(?:on|every|each)\\s+${DAY}\\b(?:(?:\\s*(?:,|/|&|\\band\\b|\\bor\\b)\\s*|\\s+)+(?:(?:on|every)\\s+)?${DAY}\\b)*`,
  'i',
);
const BARE_DAYS =
  /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b(?:\s*(?:,|\/|&|\band\b)+\s*(?:and\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b)*/i;
const SHORT_DAYS = /\b(?:mon|tue|wed|thu|fri|sat|sun)(?:[/,](?:mon|tue|wed|thu|fri|sat|sun))+\b/i;
const WEEKDAYS = /\b(?:(?:on|every)\s+)?weekdays?\b|\bevery\s+work(?:ing\s+)?day\b/i;
const WEEKENDS = /\b(?:(?:on|at|every)\s+)?(?:the\s+)?weekends?\b/i;
const DAILY = /\b(?:every|each)\s+(?:single\s+)?day\b|\bevery\s?day\b|\bdaily\b/i;
const DAILY_AT = /\b(?:every|each)\s+(?<part>morning|afternoon|evening|night)\b/i;
const ALTERNATE = /\bevery\s+(?:other|second)\s+day\b/i;
const UNIT = '(?:\\s*(?:a|per|each|every|in\\s+a|/)\\s*(?<unit>day|week|month|year)\\b|\\s+(?<adverb>daily|weekly|monthly|yearly)\\b)?';
const TIMES = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:(?<digits>\\d{1,3})\\s*(?:x|×)(?![\\p{L}\\p{N}])|(?<count>${NUMBER})\\s+times?\\b|(?<once>once|twice|thrice)\\b)${UNIT}`,
  'iu',
);
const ONCE: Readonly<Record<string, number>> = { once: 1, twice: 2, thrice: 3 };
const WEEK =
  /\b(?:(?:in|during|over|for|of)\s+)?(?:the\s+)?(?<which>this|next|coming|a|per|each|every|the)\s+(?:coming\s+)?week\b|\bweekly\b/i;
const WEEKS = new RegExp(`\\b(?:for|over)\\s+(?:the\\s+)?(?:next\\s+)?(?:(?<weeks>${NUMBER})\\s+weeks?|a\\s+month)\\b`, 'i');
const FROM = /\b(?:from|on|starting(?:\s+(?:on|from))?)\s+(?<date>\d{4}-\d{2}-\d{2})\b/i;

/** How often and on which days, as the calendar tool takes it. */
export interface Frequency {
  readonly args: JsonObject;
  /** Undefined where it is not said. */
  readonly times: number | undefined;
  /** Where a part of the day is named with it: "every morning". */
  readonly part: string | undefined;
  /** Why it cannot be planned. */
  readonly problem: string | undefined;
}

/** Takes from a text what it says about days and how often. */
export function takeFrequency(rest: Remainder): Frequency {
  const alternate = rest.take(ALTERNATE);
  const dailyAt = rest.take(DAILY_AT)?.groups?.['part'];
  const times = rest.take(TIMES)?.groups;
  const daily = dailyAt !== undefined || rest.take(DAILY) !== undefined;
  const weeksFound = rest.take(WEEKS);
  const weeks = weeksFound && (weeksFound.groups?.['weeks'] === undefined ? 4 : numberOf(weeksFound.groups['weeks']));
  const startDate = rest.take(FROM)?.groups?.['date'];
  const named = (rest.take(DAYS) ?? rest.take(SHORT_DAYS) ?? rest.take(BARE_DAYS))?.[0].match(/\b(?:mon|tue|wed|thu|fri|sat|sun)/gi) ?? [];
  const days = alternate
    ? ['MO', 'WE', 'FR', 'SU']
    : named.length > 0
      ? named.map((day) => DAY_CODES[day.toLowerCase()]!)
      : rest.take(WEEKDAYS)
        ? ['MO', 'TU', 'WE', 'TH', 'FR']
        : rest.take(WEEKENDS)
          ? ['SA', 'SU']
          : [];
  const week = rest.take(WEEK);
  const which = week?.groups?.['which']?.toLowerCase();
  const unit = times?.['unit']?.toLowerCase() ?? times?.['adverb']?.toLowerCase().replace('daily', 'day').replace(/ly$/, '');
  const counted =
    times && (times['once'] === undefined ? numberOf(times['digits'] ?? times['count']!) : ONCE[times['once'].toLowerCase()]!);
  const distinct = [...new Set(days)];
  const everyWeek = week !== undefined && /^(?:every|each)$/.test(which ?? 'every');
  const count = counted ?? (daily ? 7 : distinct.length > 0 ? distinct.length : startDate !== undefined || everyWeek ? 1 : undefined);
  return {
    times: count,
    part: dailyAt?.toLowerCase(),
    args: {
      ...(distinct.length > 0 ? { days: distinct } : {}),
      ...(which === 'next' ? { week: 'next' } : {}),
      ...(weeks === undefined ? {} : { weeks }),
      ...(startDate === undefined ? {} : { start_date: startDate }),
    },
    problem: problemOf({ count, unit, days: distinct.length, daily: daily || alternate !== undefined, counted, weeks, startDate }),
  };
}

interface Said {
  readonly count: number | undefined;
  readonly unit: string | undefined;
  readonly days: number;
  readonly daily: boolean;
  readonly counted: number | undefined;
  readonly weeks: number | undefined;
  readonly startDate: string | undefined;
}

function problemOf({ count, unit, days, daily, counted, weeks, startDate }: Said): string | undefined {
  if (unit !== undefined && unit !== 'week') return `1 to 7 times a week, not by the ${unit}`;
  if (daily && counted !== undefined) return '1 to 7 times a week, once a day at most';
  if (count !== undefined && (count < 1 || count > 7)) return `1 to 7 times a week, not ${count}`;
  if (counted !== undefined && days > 0 && counted > days)
    return `at most once on each of its days: ${counted} times do not fit on ${days}`;
  if (daily && days > 0 && count === 7 && days < 7) return 'every day or on certain days, not both';
  if (weeks !== undefined && (weeks < 1 || weeks > 12)) return `for 1 to 12 weeks, not ${weeks}`;
  if (startDate !== undefined && !isDate(startDate)) return `from a day that exists, which ${startDate} does not`;
  return undefined;
}

function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const daysInMonth = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1970 && year < 2200 && day >= 1 && day <= (daysInMonth[month - 1] ?? 0);
}
