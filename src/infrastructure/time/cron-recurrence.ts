import { Cron } from 'croner';
import type { Recurrence } from '../../application/ports/recurrence.js';

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const EXAMPLE = 'for example "30 7 * * 1-5", or a nickname such as @daily';
const FIELDS = 5;
/** Longest expression, in characters. */
const MAX_LENGTH = 200;
/** Expressions that are kept parsed. */
const MOST_KEPT = 10_000;

const parsed = new Map<string, Cron>();

function parse(cron: string, timeZone: string): Cron {
  const key = `${timeZone}\n${cron}`;
  let found = parsed.get(key);
  if (!found) {
    // Hours that are named (not `*`, no step) stand for times of the day: one that clocks skip comes right after the gap, one that they show twice comes once.
    found = new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
    if (parsed.size >= MOST_KEPT) parsed.clear();
    parsed.set(key, found);
  }
  return found;
}

/** Cron expressions of five fields, and the nicknames of those that come at regular times. */
export const cronRecurrence: Recurrence = {
  problemOf(cron) {
    if (cron.startsWith('@')) {
      return NICKNAMES.includes(cron.toLowerCase()) ? undefined : `"${cron}" is none of the nicknames ${NICKNAMES.join(', ')}`;
    }
    if (cron.length > MAX_LENGTH) return `it is ${cron.length} characters long; at most ${MAX_LENGTH} are possible`;
    const fields = cron.trim() === '' ? [] : cron.trim().split(/\s+/);
    if (fields.length !== FIELDS)
      return `it has ${fields.length} field${fields.length === 1 ? '' : 's'} where there must be five (minute, hour, day of the month, month, day of the week): ${EXAMPLE}`;
    // To the library it is the moment of asking: another time with every question.
    if (cron.includes('?')) return `"?" has no meaning here, use "*": ${EXAMPLE}`;
    try {
      parse(cron, 'UTC');
      return undefined;
    } catch (error) {
      return `${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)}: ${EXAMPLE}`;
    }
  },
  nextAfter: (cron, timeZone, afterMs) => parse(cron, timeZone).nextRun(new Date(afterMs))?.getTime(),
};
