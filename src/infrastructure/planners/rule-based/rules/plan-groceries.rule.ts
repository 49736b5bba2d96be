import type { JsonObject } from '../../../../domain/json.js';
import { moreThanContent } from '../free-text.js';
import { NUMBER, AMOUNT_WORDS, numberOf } from '../numbers.js';
import { needsQuotes } from '../refusals.js';
import { beginsWithCommand, refused, Remainder, type Clause, type Reading, type Rule } from '../rule.js';

const GROCERIES = '(?:groceries|(?:weekly )?grocery|(?:weekly )?shopping list|food shopping|grocery (?:shopping|lists?|plan))';
const MEALS = '(?:meals|(?:weekly )?meal|(?:weekly )?meal (?:lists?|plans?|planning|prep))';
const CORE = `(?:grocery lists?|${GROCERIES}|meal (?:lists?|plans?|planning|prep)|${MEALS})`;
const ONLY_LIST = new RegExp(
  `^(?:(?:create|make|generate|write|prepare|plan|do|draw up|put together|give|build|buy|get|shop for)\\s+)?(?:(?:me|us)\\s+)?(?:(?:an?|the|my|our|some)\\s+)?${CORE}(?:\\s+and\\s+(?:(?:an?|the|my)\\s+)?${CORE})?$`,
  'i',
);
const ABOUT_LIST = /\b(?:grocer(?:y|ies)|shopping list|food shopping|meals?)\b/i;
const BUY = /^(?:buy|pick up|purchase|shop for)\s+(?<items>.+)$/is;
const LISTED = /(?:^|\s*)(?<how>:|\b(?:with|including|containing|plus)\b)\s*(?<items>.+)$/is;

const DAYS = new RegExp(`\\b(?:(?:for|of|over)\\s+)?(?:the\\s+)?(?:(?:next|coming)\\s+)?(?<days>${NUMBER})[ -]days?\\b`, 'iu');
const WEEKS = new RegExp(`\\b(?:(?:for|of|over)\\s+)?(?:the\\s+)?(?:(?:next|coming)\\s+)?(?<weeks>${NUMBER})\\s+weeks?\\b`, 'iu');
const WEEK = /\b(?:(?:for|of)\s+)?(?:the|this|next|coming|per|each)(?:\s+(?:next|coming|whole))?\s+week\b|\bweekly\b/i;
const WEEKEND = /\bfor\s+(?:the|this)\s+weekend\b/i;
const PEOPLE = new RegExp(`\\b(?:for|of)\\s+(?<people>${NUMBER})(?:\\s+(?:people|persons?|adults?|guests?|of us))?\\b`, 'iu');
const FAMILY = new RegExp(`\\b(?:for|of)\\s+(?:(?:an?|my|our|the)\\s+)?family\\s+of\\s+(?<people>${NUMBER})\\b`, 'iu');
const DIET = /\b(?<diet>vegan|vegetarian|veggie)s?\b/i;

const MAX_PEOPLE = 50;
const MAX_DAYS = 31;
const MAX_ITEMS = 100;
const MAX_ITEM_LENGTH = 80;
const MAX_ITEM_WORDS = 6;

/** How much of it, as people write it; the tool reads it or keeps it as it is written. */
const AMOUNTS = new RegExp(
  `^(?:${[...AMOUNT_WORDS, 'a', 'an', 'of', 'some', 'the'].join('|')})(?=\\s)\\s+|(?<![\\p{L}\\p{N}])x?\\p{N}[\\p{N}.,/–-]*%?`,
  'iu',
);

function withoutAmounts(item: string): string {
  let rest = item;
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replace(AMOUNTS, '').trim();
  }
  return rest;
}

/** Items in a person's words, or nothing where one of them is more likely a wish of another kind. */
function itemsIn(text: string): readonly string[] | Reading | undefined {
  const items = text
    .split(/\s*(?:(?<!\d),|,(?!\d)|[;\n&]|\b(?:and|plus|also)\b(?!-))\s*/i)
    .map((item) => item.replace(/^(?:some|the|please)\s+/i, '').replace(/[\s.!]+$/, ''))
    .filter((item) => item !== '');
  const isItem = (item: string): boolean =>
    item.length <= MAX_ITEM_LENGTH && item.split(' ').length <= MAX_ITEM_WORDS && !beginsWithCommand(item) && !/[@?]|\bthen\b/i.test(item);
  if (items.length === 0 || items.length > MAX_ITEMS || !items.every(isItem)) return undefined;
  const things = items.map(withoutAmounts);
  if (!things.every((thing) => /[\p{L}\ue000-\uf8ff]/u.test(thing))) return undefined;
  const strange = things.flatMap((thing) => moreThanContent(thing, { prepositions: ['of', 'with', 'in'] }));
  return strange.length > 0 ? needsQuotes(strange, 'a thing to buy', 'buy milk, "after-dinner mints"') : items;
}

interface Extent {
  readonly args: JsonObject;
  readonly problem?: string;
}

function extentOf(rest: Remainder): Extent {
  const diet = rest.take(DIET)?.groups?.['diet']?.toLowerCase();
  const weeks = rest.take(WEEKS)?.groups?.['weeks'];
  const daysWords = weeks === undefined ? rest.take(DAYS)?.groups?.['days'] : undefined;
  const days =
    weeks !== undefined
      ? numberOf(weeks) * 7
      : daysWords !== undefined
        ? numberOf(daysWords)
        : rest.take(WEEK)
          ? 7
          : rest.take(WEEKEND)
            ? 2
            : undefined;
  const peopleWords = (rest.take(FAMILY) ?? rest.take(PEOPLE))?.groups?.['people'];
  const people = peopleWords === undefined ? undefined : numberOf(peopleWords);
  const args = {
    ...(people === undefined ? {} : { people }),
    ...(days === undefined ? {} : { days }),
    ...(diet === undefined ? {} : { diet: diet === 'vegan' ? 'vegan' : 'vegetarian' }),
  };
  if (people !== undefined && (people < 1 || people > MAX_PEOPLE)) return { args, problem: `for 1 to ${MAX_PEOPLE} people, not ${people}` };
  if (days !== undefined && (days < 1 || days > MAX_DAYS)) return { args, problem: `for 1 to ${MAX_DAYS} days, not ${days}` };
  return { args };
}

/** What a list holds besides or instead of what the meals need. */
function listed(clause: Clause): { readonly text: string; readonly args: JsonObject } | Reading | undefined {
  const found = LISTED.exec(clause.text);
  if (!found?.groups || !ABOUT_LIST.test(clause.text.slice(0, found.index))) return { text: clause.text, args: {} };
  const items = itemsIn(found.groups['items']!);
  if (!items || 'kind' in items) return items;
  const isAddition = /including|plus/i.test(found.groups['how']!) || /\bmeals?\b/i.test(clause.text.slice(0, found.index));
  return { text: clause.text.slice(0, found.index), args: { items, ...(isAddition ? {} : { only_items: true }) } };
}

export const planGroceries: Rule = {
  example: 'create a grocery list for 4 people',
  read: (clause) => {
    const understood = (args: JsonObject) =>
      ({
        kind: 'understood',
        addTo: (draft) => void draft.add({ about: 'grocery list', name: 'Generate grocery list', tool: 'grocery_plan', args }),
      }) satisfies ReturnType<Rule['read']>;

    const bought = BUY.exec(clause.text)?.groups?.['items'];
    if (bought !== undefined && !ABOUT_LIST.test(bought)) {
      const items = itemsIn(bought);
      return !items || 'kind' in items ? items : understood({ items, only_items: true });
    }
    if (!ABOUT_LIST.test(clause.text)) return undefined;
    const list = listed(clause);
    if (!list || 'kind' in list) return list;
    const rest = new Remainder(list.text);
    const { args, problem } = extentOf(rest);
    const left = rest.joined.replace(/\s*[,;:\n]+\s*/g, ' ').replace(/\s+and$/i, '').trim(); // prettier-ignore
    if (!ONLY_LIST.test(left)) return undefined;
    if (problem !== undefined) return refused('planner.out-of-range', `Groceries can be planned ${problem}.`);
    return understood({ ...args, ...list.args });
  },
};
