import { en } from 'chrono-node';
import { NUMBER_WORDS } from './numbers.js';
import { isQuoted } from './quotes.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** They say how something is to be done, or to what it belongs. */
const PREPOSITIONS = words(
  'about above across against along amid among around as at behind below beneath beside between beyond by concerning despite down for from in inside into near of off on ' +
    'onto out outside over past per plus regarding than through throughout to toward towards under underneath up upon versus via with within after before during cc bcc',
);
const QUANTIFIERS = words(
  'all any anybody anyone anything both certain each enough every everybody everyone everything few fewer least less many more most much several some somebody someone something ' +
    'various whole approximately roughly exactly maximum minimum max min extra additional',
);
const TIMES = words(
  'today tonight tomorrow yesterday now nowadays early earlier later soon sooner immediately asap always often usually sometimes regularly occasionally rarely again first firstly finally lastly ' +
    'noon midday midnight dawn dusk sunrise sunset morning mornings afternoon afternoons evening evenings night nights lunchtime overnight ' +
    'day days daily week weeks weekly weekend weekends weekday weekdays fortnight fortnightly biweekly bimonthly month months monthly quarterly year years yearly annual annually ' +
    'hour hours hourly minute minutes second seconds nightly once twice thrice times time next last previous following coming ' +
    "o'clock am pm utc gmt cet cest bst est edt pst pdt ago " +
    'mon tue tues wed weds thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays ' +
    'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec',
);
/** Part of a title that tells the time of day: "morning run". */
const PARTS_OF_DAY = words('morning lunch afternoon evening night');

const TOKEN = /[\ue000-\uf8ff]|[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'_-]*|[^\s\p{L}\p{M}\p{N}]/gu;
/** Signs that join or adorn content words. */
const HARMLESS_SIGNS = /^(?:[\p{M}'’,.&:()!\-–—#+]|\p{Extended_Pictographic}|[\u200d\ufe0f])$/u;

export interface FreeTextOptions {
  /** Prepositions that can only lead to more content where the text is used. */
  readonly prepositions?: readonly string[];
  /** Whether a part of the day may describe what the text names. */
  readonly partOfDay?: boolean;
}

/**
 * What in a text that a person has not put in quotes may be more than content: a number, a time, a preposition or a quantifier may say when, how or how
 * much, and would be lost in a title, a subject or an item. Negations and conditions have been refused before (`restrictionIn`).
 * @returns those words, in their order; empty where the text holds content words only
 */
export function moreThanContent(text: string, options: FreeTextOptions = {}): readonly string[] {
  const found: { words: string; end: number }[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (isContent(token, options)) continue;
    const last = found.at(-1);
    const end = index + token.length;
    if (last && text.slice(last.end, index).trim() === '')
      Object.assign(last, { words: text.slice(last.end - last.words.length, end), end });
    else found.push({ words: token, end });
  }
  if (found.length > 0) return found.map(({ words }) => words);
  // What no list foresees, a reader of dates may know.
  return options.partOfDay ? [] : en.GB.parse(text.replace(/[\ue000-\uf8ff]/g, '·')).map((date) => date.text);
}

function isContent(token: string, { prepositions = [], partOfDay = false }: FreeTextOptions): boolean {
  if (isQuoted(token)) return true;
  const word = token.normalize('NFKC').toLowerCase();
  if (prepositions.includes(word) || (partOfDay && PARTS_OF_DAY.has(word))) return true;
  const [first = ''] = word.split(/[-_]/);
  if (PREPOSITIONS.has(first)) return false;
  return word
    .split(/[-_]/)
    .every((part) => !isNumeral(part) && !NUMBER_WORDS.has(part) && !QUANTIFIERS.has(part) && !TIMES.has(part) && isWordOrSign(part));
}

/** "5k", "3rd", "x3", "½": a figure comes first, or is all there is. "k8s" and "web3" are words. */
const isNumeral = (part: string): boolean => /^(?:x?\p{N}|\p{N})/u.test(part);

const isWordOrSign = (part: string): boolean => part === '' || /^\p{L}/u.test(part) || /^\p{M}/u.test(part) || HARMLESS_SIGNS.test(part);
