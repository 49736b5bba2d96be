import { NUMBER, numberOf } from '../numbers.js';
import { refused, Remainder, type Reading, type Rule } from '../rule.js';
import { takeTimeOfDay } from './time-words.js';
import { takeFrequency } from './week-words.js';

const SCHEDULE =
  /^(?:schedule|plan|put|add|block(?:\s+(?:out|off))?|set\s+up|arrange|organi[sz]e|remind\s+me\s+(?:to|of|about)|find\s+time\s+(?:to|for)|make\s+time\s+(?:to|for))\s+/i;
const CREATE = /^(?:create|make)\s+(?=.*\b(?:events?|sessions?|appointments?)\b)/i;
const GO = /^(?:go\s+(?:to|for)|go|do|hit|attend)\s+/i;
const CALENDAR = /\s*\b(?:in|into|to|on)\s+(?:my|the)\s+calendar\b/i;
const ARTICLES = /^(?:(?:the|an?|my|some|time|for|to)\s+)+/i;
const EVENTS = /\s+(?:sessions?|events?|appointments?|slots?)$/i;
const LEADING_COUNT = new RegExp(`^(?<count>${NUMBER})\\s+(?=\\p{L})`, 'iu');
const EDGES = /^(?:[\s,;:.!\n-]|\band\b)+|(?:[\s,;:.!\n-]|\b(?:and|on|at|for|in)$)+$/gi;

/** Wishes of other kinds, which a calendar entry does not fulfil. */
const OTHER_KIND =
  /^(?:apply|e-?mail|mail|send|write\s+to|buy|purchase|order|find|search|look\s+for|tailor|submit|delete|remove|cancel|pay)\b|\b(?:grocer(?:y|ies)|shopping\s+list|meal\s+plan)\b/i;
/** What is said about time and was not understood must not end up in a title. */
const MORE_TIME = /\b(?:tomorrow|today|tonight|yesterday|month(?:s|ly)?|year(?:s|ly)?|until|till|except|every|each|weeks?|times|\d+x)\b/i;
const MAX_LENGTH = 300;
const MAX_TITLE_LENGTH = 80;
const MAX_TITLE_WORDS = 10;

const isTitle = (title: string): boolean =>
  /[\p{L}\p{N}]/u.test(title) &&
  title.length <= MAX_TITLE_LENGTH &&
  title.split(' ').length <= MAX_TITLE_WORDS &&
  !/[@"\p{Cc}]/u.test(title);

/** A title that goes on after a comma or "and" is more likely two wishes. */
const isFromOnePart = (title: string, parts: readonly string[]): boolean =>
  parts.some((part) => title.split(' ').every((word) => part.includes(word)));

export const scheduleActivity: Rule = {
  example: 'schedule gym 3x this week',
  read: (clause): Reading | undefined => {
    const rest = new Remainder(clause.text);
    const asked = rest.take(SCHEDULE) !== undefined || rest.take(CREATE) !== undefined;
    if (clause.divided || clause.text.length > MAX_LENGTH || OTHER_KIND.test(rest.text)) return undefined;
    const weekly = takeFrequency(rest);
    const inCalendar = rest.take(CALENDAR) !== undefined;
    const timeOfDay = takeTimeOfDay(rest, weekly.part);
    rest.text = rest.text.replace(EDGES, '');
    const counted = weekly.times === undefined ? rest.take(LEADING_COUNT)?.groups?.['count'] : undefined;
    const leading = counted === undefined || /^an?$/i.test(counted) ? undefined : numberOf(counted);
    const isPlan = asked || inCalendar;
    if (weekly.times === undefined && !isPlan && (leading === undefined || !/\b(?:week|weekly)\b/i.test(clause.text))) return undefined;

    rest.take(GO);
    const title = rest.text.replace(ARTICLES, '').replace(EDGES, '').replace(EVENTS, '').replace(EDGES, '');
    if (!isTitle(title) || !isFromOnePart(title, clause.parts) || MORE_TIME.test(title)) return undefined;
    const times = weekly.times ?? leading;
    if (times === undefined) {
      return refused('planner.how-often', `How often, or on which days, should "${title}" be? For example: "${scheduleActivity.example}".`);
    }
    const problem = weekly.problem ?? (times > 7 || times < 1 ? `1 to 7 times a week, not ${times}` : undefined);
    if (problem !== undefined) return refused('planner.out-of-range', `"${title}" can be scheduled ${problem}.`);
    if (timeOfDay.problem !== undefined) return refused('planner.unclear-time', timeOfDay.problem);
    const args = { title: title.replace(/^./u, (first) => first.toUpperCase()), times_per_week: times, ...weekly.args, ...timeOfDay.args };
    return {
      kind: 'understood',
      addTo: (draft) =>
        void draft.add({
          about: `create ${title} events`,
          name: `Create ${title} events (${times}x weekly)`,
          tool: 'calendar_create',
          args,
        }),
    };
  },
};
