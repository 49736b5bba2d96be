import type { JsonObject } from '../../../../domain/json.js';
import { moreThanContent } from '../free-text.js';
import { NUMBER, numberOf } from '../numbers.js';
import { needsQuotes } from '../refusals.js';
import { refused, Remainder, type Reading, type Rule } from '../rule.js';
import { takeTimeOfDay, type TimeOfDay } from './time-words.js';
import { takeFrequency, type Frequency } from './week-words.js';

/** "Schedule" is said of calendars alone: without more words it means once. */
const SCHEDULE = /^schedule\s+/i;
const PLAN =
  /^(?:plan|put|add|block(?:\s+(?:out|off))?|set\s+up|arrange|organi[sz]e|remind\s+me\s+(?:to|of|about)|find\s+time\s+(?:to|for)|make\s+time\s+(?:to|for))\s+/i;
const CREATE = /^(?:create|make)\s+(?=.*\b(?:events?|sessions?|appointments?)\b)/i;
const GO = /^(?:go\s+(?:to|for)|go|do|hit|attend)\s+/i;
const CALENDAR = /(?:^|\s)(?:in|into|to|on)\s+(?:my|the)\s+calendar(?=\s|$)/i;
const ARTICLES = /^(?:(?:the|an?|my|some|time|for|to)\s+)+/i;
const EVENTS = /\s+(?:sessions?|events?|appointments?|slots?)$/i;
const LEADING_COUNT = new RegExp(`^(?<count>${NUMBER})\\s+(?=\\p{L})`, 'iu');
/** What joins a title and its times. */
const JOINTS = /^(?:[\s,;:.!\n-]|\band\b)+|(?:[\s,;:.!\n-]|\band$)+$/gi;

/** Wishes of other kinds, which a calendar entry does not fulfil, and those that would take one away or change it. */
const OTHER_KIND =
  /^(?:apply|e-?mail|mail|send|write\s+to|buy|purchase|order|find|search|look\s+for|tailor|submit|delete|remove|pay|move|shift|change|swap|replace|drop|miss|ditch|reduce|limit|shorten|extend|end|quit|clear|free|decline)\b|\b(?:grocer(?:y|ies)|shopping\s+list|meal\s+plan)\b/i;
const MAX_LENGTH = 300;
const MAX_TITLE_LENGTH = 80;
const MAX_TITLE_WORDS = 10;

const isTitle = (title: string): boolean =>
  /[\p{L}\p{N}\ue000-\uf8ff]/u.test(title) &&
  title.length <= MAX_TITLE_LENGTH &&
  title.split(' ').length <= MAX_TITLE_WORDS &&
  !/[@"\p{Cc}]/u.test(title);

/** How a date that is named goes with what is said of the week; what is left out of the arguments is implied. */
function datesOf(
  { times, days, weeks, week }: Frequency,
  { date, isStart }: TimeOfDay,
): { args: JsonObject; times?: number; problem?: string } {
  if (date === undefined || isStart) {
    const args = {
      ...(days.length > 0 ? { days } : {}),
      ...(week === 'next' ? { week } : {}),
      ...(weeks === undefined ? {} : { weeks }),
      ...(date === undefined ? {} : { start_date: date }),
    };
    return {
      args,
      ...(times === undefined ? {} : { times }),
      ...(date !== undefined && week !== undefined ? { problem: 'in a week or from a date, not both' } : {}),
    };
  }
  const weekday = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'][new Date(`${date}T00:00Z`).getUTCDay()];
  const isOneDay = times === undefined || times === 1;
  if (!isOneDay || weeks !== undefined || week !== undefined || days.length > 1)
    return { args: {}, problem: `once on ${date}, or so many times a week, not both` };
  if (days.length === 1 && days[0] !== weekday) return { args: {}, problem: `on that day of the week or on ${date}, which is another` };
  return { args: { start_date: date }, times: 1 };
}

export const scheduleActivity: Rule = {
  example: 'schedule gym 3x this week',
  read: (clause, moment): Reading | undefined => {
    const rest = new Remainder(clause.text);
    const scheduled = rest.take(SCHEDULE) !== undefined;
    const asked = scheduled || rest.take(PLAN) !== undefined || rest.take(CREATE) !== undefined;
    if (clause.divided || clause.text.length > MAX_LENGTH || OTHER_KIND.test(rest.text)) return undefined;
    const weekly = takeFrequency(rest);
    const inCalendar = rest.take(CALENDAR) !== undefined;
    const timeOfDay = takeTimeOfDay(rest, weekly.part, moment);
    const dates = datesOf(weekly, timeOfDay);
    const counted = dates.times === undefined ? rest.take(LEADING_COUNT)?.groups?.['count'] : undefined;
    const leading = counted === undefined || /^an?$/i.test(counted) ? undefined : numberOf(counted);
    const saysWhen = dates.times !== undefined || dates.problem !== undefined;
    if (!saysWhen && !asked && !inCalendar && (leading === undefined || weekly.week === undefined || !EVENTS.test(rest.joined)))
      return undefined;

    const pieces = rest.pieces
      .map((piece) => piece.replace(JOINTS, ''))
      .filter((piece) => piece !== '' && !/^(?:and|for me)$/i.test(piece));
    const title = (pieces[0] ?? '').replace(GO, '').replace(ARTICLES, '').replace(JOINTS, '').replace(EVENTS, '').replace(JOINTS, '');
    // A title is one run of words; one that goes on after a comma or "and" is more likely two wishes.
    if (!isTitle(title) || OTHER_KIND.test(title) || !clause.parts.some((part) => part.includes(title))) return undefined;
    // What stands apart, after a comma or "and", is more likely a wish of its own too.
    if (pieces.length > 1 && clause.parts.length > 1) return undefined;
    const strange = [...pieces.slice(1), ...moreThanContent(title, { prepositions: ['of', 'with', 'to', 'up', 'out'], partOfDay: true })];
    if (strange.length > 0) return needsQuotes(strange, 'a title', `schedule "Lunch at Mario's" on Friday`);
    const times = dates.times ?? leading ?? (scheduled || inCalendar ? 1 : undefined);
    const tooOften = times !== undefined && (times > 7 || times < 1) ? `1 to 7 times a week, not ${times}` : undefined;
    const problem = weekly.problem ?? dates.problem ?? tooOften;
    if (problem !== undefined) return refused('planner.out-of-range', `"${title}" can be scheduled ${problem}.`);
    if (timeOfDay.problem !== undefined) return refused('planner.unclear-time', timeOfDay.problem);
    if (times === undefined) {
      return refused('planner.how-often', `How often, or on which days, should "${title}" be? For example: "${scheduleActivity.example}".`);
    }
    const isDefault = dates.times === undefined && leading === undefined;
    const often =
      dates.args['start_date'] !== undefined && !timeOfDay.isStart
        ? `on ${timeOfDay.date}`
        : `${times}x weekly${isDefault ? ', by default' : ''}`;
    return {
      kind: 'understood',
      addTo: (draft) =>
        void draft.add({
          about: `create ${title} events`,
          name: `Create ${title} events (${often})`,
          tool: 'calendar_create',
          args: { title: title.replace(/^./u, (first) => first.toUpperCase()), times_per_week: times, ...dates.args, ...timeOfDay.args },
        }),
    };
  },
};
