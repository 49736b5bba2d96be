import { NUMBER, numberOf } from '../numbers.js';
import type { Remainder } from '../rule.js';

const CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
type Code = (typeof CODES)[number];

const DAY = '(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)';
const FULL_DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?';
/** "Monday to Friday", "Mon-Fri". */
const RANGE = new RegExp(
  `\\b(?:(?:on|every|each|from)\\s+)?(?<first>${DAY})(?:\\s*[-–—]\\s*|\\s+(?:to|through|thru)\\s+)(?<last>${DAY})\\b`,
  'i',
);
const AND = '(?:\\s*(?:,|/|&|\\band\\b)\\s*|\\s+)+';
const DAYS = new RegExp(`\\b(?:on|every|each)\\s+${DAY}\\b(?:${AND}(?:(?:on|every)\\s+)?${DAY}\\b)*`, 'i');
const BARE_DAYS = new RegExp(`\\b${FULL_DAY}\\b(?:\\s*(?:,|/|&|\\band\\b)+\\s*(?:and\\s+)?${FULL_DAY}\\b)*`, 'i');
const SHORT_DAYS = /\b(?:mon|tue|wed|thu|fri|sat|sun)(?:[/,](?:mon|tue|wed|thu|fri|sat|sun))+\b/i;
const WEEKDAYS = /\b(?:(?:on|every)\s+)?weekdays?\b|\bevery\s+work(?:ing\s+)?day\b/i;
const WEEKENDS = /\b(?:(?:on|at|every)\s+)?(?:the\s+)?weekends?\b/i;
const DAILY = /\b(?:every|each)\s+(?:single\s+)?day\b|\bevery\s?day\b|\bdaily\b/i;
const DAILY_AT = /\b(?:every|each)\s+(?<part>morning|afternoon|evening|night)\b/i;
const ALTERNATE = /\bevery\s+(?:other|second)\s+day\b/i;
const UNIT = '(?:\\s*(?:a|per|each|every|in\\s+a|/)\\s*(?<unit>day|week|month|year)\\b|\\s+(?<adverb>daily|weekly|monthly|yearly)\\b)?';
const TIMES = new RegExp(
  `(?<![\\p{L}\\p{N}]|\\p{N}\\s?[-–—.,/]\\s?)(?:(?<digits>\\d{1,3})\\s*(?:x|×)(?![\\p{L}\\p{N}])|(?<count>${NUMBER})\\s+times?\\b|(?<once>once|twice|thrice)\\b)${UNIT}`,
  'iu',
);
const ONCE: Readonly<Record<string, number>> = { once: 1, twice: 2, thrice: 3 };
const WEEK =
  /\b(?:(?:in|during|over|for|of)\s+)?(?:the\s+)?(?<which>this|next|coming|a|per|each|every|the)\s+(?:coming\s+)?week\b|\bweekly\b/i;
const WEEKS = new RegExp(`\\b(?:for|over)\\s+(?:the\\s+)?(?:next\\s+)?(?:(?<weeks>${NUMBER})\\s+weeks?|a\\s+month)\\b`, 'iu');

/** How often and on which days, as the calendar tool takes it. */
export interface Frequency {
  readonly days: readonly Code[];
  readonly weeks: number | undefined;
  readonly week: 'this' | 'next' | undefined;
  /** How many times a week; undefined where it is not said. */
  readonly times: number | undefined;
  /** Where a part of the day is named with it: "every morning". */
  readonly part: string | undefined;
  /** Why it cannot be planned: the end of "it can be scheduled …". */
  readonly problem: string | undefined;
}

const codeOf = (day: string): Code => CODES.find((code) => code === day.slice(0, 2).toUpperCase())!;

function takeRange(rest: Remainder): readonly Code[] | undefined {
  const range = rest.take(RANGE)?.groups;
  if (!range) return undefined;
  const first = CODES.indexOf(codeOf(range['first']!));
  const last = CODES.indexOf(codeOf(range['last']!));
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => CODES[(first + index) % 7]!);
}

function takeDays(rest: Remainder): readonly Code[] {
  const named = (rest.take(DAYS) ?? rest.take(SHORT_DAYS) ?? rest.take(BARE_DAYS))?.[0].match(/\b(?:mon|tue|wed|thu|fri|sat|sun)/gi);
  if (named) return named.map(codeOf);
  if (rest.take(WEEKDAYS)) return CODES.slice(0, 5);
  return rest.take(WEEKENDS) ? CODES.slice(5) : [];
}

/** Takes from a text what it says about weekdays and how often. */
export function takeFrequency(rest: Remainder): Frequency {
  const alternate = rest.take(ALTERNATE);
  const part = rest.take(DAILY_AT)?.groups?.['part']?.toLowerCase();
  const said = rest.take(TIMES)?.groups;
  const daily = part !== undefined || rest.take(DAILY) !== undefined;
  const weeksFound = rest.take(WEEKS);
  const weeks = weeksFound && (weeksFound.groups?.['weeks'] === undefined ? 4 : numberOf(weeksFound.groups['weeks']));
  const listed = alternate ? (['MO', 'WE', 'FR', 'SU'] as const) : (takeRange(rest) ?? takeDays(rest));
  const days = [...new Set(listed)];
  const week = rest.take(WEEK);
  const which = week?.groups?.['which']?.toLowerCase();
  const unit = said?.['unit']?.toLowerCase() ?? said?.['adverb']?.toLowerCase().replace('daily', 'day').replace(/ly$/, '');
  const counted = said && (said['once'] === undefined ? numberOf(said['digits'] ?? said['count']!) : ONCE[said['once'].toLowerCase()]!);
  const everyWeek = week !== undefined && /^(?:every|each)$/.test(which ?? 'every');
  const times = counted ?? (daily ? 7 : days.length > 0 ? days.length : everyWeek ? 1 : undefined);
  return {
    times,
    part,
    days,
    weeks,
    week: which === 'next' ? 'next' : week === undefined ? undefined : 'this',
    problem: problemOf({ times, unit, days: days.length, daily: daily || alternate !== undefined, counted, weeks }),
  };
}

interface Said {
  readonly times: number | undefined;
  readonly unit: string | undefined;
  readonly days: number;
  readonly daily: boolean;
  readonly counted: number | undefined;
  readonly weeks: number | undefined;
}

function problemOf({ times, unit, days, daily, counted, weeks }: Said): string | undefined {
  if (unit !== undefined && unit !== 'week') return `1 to 7 times a week, not by the ${unit}`;
  if (daily && counted !== undefined) return '1 to 7 times a week, once a day at most';
  if (times !== undefined && (times < 1 || times > 7)) return `1 to 7 times a week, not ${times}`;
  if (counted !== undefined && days > 0 && counted > days)
    return `at most once on each of its days: ${counted} times do not fit on ${days}`;
  if (daily && days > 0 && times === 7 && days < 7) return 'every day or on certain days, not both';
  if (weeks !== undefined && (weeks < 1 || weeks > 12)) return `for 1 to 12 weeks, not ${weeks}`;
  return undefined;
}
