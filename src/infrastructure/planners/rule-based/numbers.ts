const SMALL: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  'a couple': 2,
  'a couple of': 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  'half a dozen': 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  'a dozen': 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};
const TENS: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};
const DIGITS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const HUNDREDS: Readonly<Record<string, number>> = { 'a hundred': 100, 'one hundred': 100, hundred: 100 };

const WORDS: ReadonlyMap<string, number> = new Map([
  ...Object.entries({ ...SMALL, ...TENS, ...HUNDREDS }),
  ...Object.entries(TENS).flatMap(([word, tens]) => DIGITS.map((digit, index) => [`${word}-${digit}`, tens + index + 1] as const)),
]);

const ALTERNATIVES = [...WORDS.keys()]
  .sort((a, b) => b.length - a.length)
  .join('|')
  .replaceAll('-', '[- ]');

/**
 * Source of a pattern (flags `iu`) for a whole number in digits or words, the longest words first, so that "a couple of" is not read as "a". It does not match
 * a part of something larger: "1,000", "2-3", "3rd".
 */
export const NUMBER = `(?<![\\p{L}\\p{N}][-–—.,/]?)(?:\\d{1,6}|${ALTERNATIVES})(?![\\p{L}\\p{N}]|[-–—.,/]\\p{N}|%|[-–—](?:${ALTERNATIVES})(?!\\p{L}))`;

/** The number that `NUMBER` has matched. */
export const numberOf = (text: string): number => WORDS.get(text.toLowerCase().replace(/(?<=ty) /, '-')) ?? Number(text);

/** How often, not how many. */
const FREQUENCIES = ['double', 'twice', 'thrice'];

/** Words that say how many, also where `NUMBER` does not read them. */
export const AMOUNT_WORDS: ReadonlySet<string> = new Set([
  ...[...WORDS.keys()].filter((word) => !/[ -]/.test(word) && word.length > 2),
  ...'zero ten couple dozen dozens hundreds thousand thousands million pair half halves quarter'.split(' '),
]);

/** Words for numbers of any kind. */
export const NUMBER_WORDS: ReadonlySet<string> = new Set([...AMOUNT_WORDS, ...FREQUENCIES]);
