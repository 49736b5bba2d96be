import { NUMBER, numberOf } from '../numbers.js';
import type { Remainder } from '../rule.js';

const HOURS = '(?:hours?|hrs?|h)';
const MINUTES = '(?:minutes?|mins?|min|m)';
const FIGURE = '\\d{1,4}(?:[.,]\\d{1,2})?';
const LEAD = '(?<![\\p{L}\\p{N}.,/–-])(?:for\\s+)?(?:about\\s+|at\\s+least\\s+)?';
const EACH = '(?:\\s+(?:each(?:\\s+time)?|every\\s+time|per\\s+session))?';
const END = '(?![\\p{L}\\p{N}])';

/** "1 hour 30 minutes", "1h30", "1 h 30 min", "an hour and 15 minutes". */
const HOURS_AND_MINUTES = new RegExp(
  `${LEAD}(?<hours>\\d{1,2}|${NUMBER})[\\s-]*${HOURS}(?:\\s+and)?\\s*(?<minutes>\\d{1,2}|${NUMBER})(?:[\\s-]*${MINUTES})?${END}${EACH}`,
  'iu',
);
const AND_A_HALF = new RegExp(
  `${LEAD}(?<amount>${NUMBER})\\s+(?:hours?\\s+and\\s+a\\s+half|and\\s+a\\s+half\\s+hours?)${END}${EACH}`,
  'iu',
);
const ONE_UNIT = new RegExp(
  `${LEAD}(?<amount>half\\s+an|${FIGURE}|${NUMBER})[\\s-]*(?<unit>minutes?|mins?|hours?|hrs?|h)${END}${EACH}`,
  'iu',
);

const amountOf = (text: string): number => (/^half/i.test(text) ? 0.5 : /^\d/.test(text) ? Number(text.replace(',', '.')) : numberOf(text));

/** Takes from a text how long something lasts, in minutes. */
export function takeDuration(rest: Remainder): number | undefined {
  const half = rest.take(AND_A_HALF)?.groups;
  if (half) return numberOf(half['amount']!) * 60 + 30;
  const both = rest.take(HOURS_AND_MINUTES)?.groups;
  if (both) return numberOf(both['hours']!) * 60 + numberOf(both['minutes']!);
  const one = rest.take(ONE_UNIT)?.groups;
  if (!one) return undefined;
  return Math.round(amountOf(one['amount']!) * (/^h/i.test(one['unit']!) ? 60 : 1));
}
