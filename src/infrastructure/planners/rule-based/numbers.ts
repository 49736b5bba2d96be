const WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  'a couple': 2,
  'a couple of': 2,
  three: 3,
  'a few': 3,
  some: 3,
  several: 3,
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
  twenty: 20,
  thirty: 30,
};

/** Source of a pattern for a whole number in digits or words; the longest words first, so that "a couple of" is not read as "a". */
export const NUMBER = `\\d{1,6}|${Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .join('|')}`;

/** The number that `NUMBER` has matched. */
export const numberOf = (text: string): number => WORDS[text.toLowerCase()] ?? Number(text);
