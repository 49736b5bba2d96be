import { PRODUCTS, type Aisle, type Unit } from '../bundled/ingredients.js';

/** How much of something. */
export interface Amount {
  readonly quantity: number;
  /** A product's unit, or the one that the person named. */
  readonly unit: string;
}

export interface ShoppingItem {
  readonly name: string;
  readonly aisle: Aisle;
  /** Undefined where the name is the person's whole line, with an amount in it that could be read in two ways. */
  readonly amount: Amount | undefined;
}

const WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  'half a': 0.5,
  'half a dozen': 6,
  'a dozen': 12,
  dozen: 12,
};

interface Measure {
  readonly unit: Unit;
  readonly factor: number;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  g: { unit: 'g', factor: 1 },
  gram: { unit: 'g', factor: 1 },
  kg: { unit: 'g', factor: 1_000 },
  kilo: { unit: 'g', factor: 1_000 },
  kilogram: { unit: 'g', factor: 1_000 },
  ml: { unit: 'ml', factor: 1 },
  millilitre: { unit: 'ml', factor: 1 },
  milliliter: { unit: 'ml', factor: 1 },
  l: { unit: 'ml', factor: 1_000 },
  litre: { unit: 'ml', factor: 1_000 },
  liter: { unit: 'ml', factor: 1_000 },
};
const CONTAINERS = new Set(['bag', 'bottle', 'box', 'bunch', 'can', 'carton', 'crate', 'jar', 'loaf', 'pack', 'packet', 'tin']);

const NUMBER_WORDS = Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .join('|');
const MEASURE_WORDS = Object.keys(MEASURES).join('|');
/** A number, decimals after a point or comma ("2,5"), a fraction ("1/2", "1 1/2"), or in words; what follows it is a word or, without a space, a measure. */
const QUANTITY = new RegExp(
  `^(?:(?:(?<whole>[1-9]\\d{0,4}|0(?=[.,]))(?:[.,](?<decimals>\\d{1,2}))?|(?:(?<mixed>\\d{1,2}) )?(?<over>[1-9])[/\u2044](?<under>[2-9]))(?:(?:\\s*[x×])?\\s+|(?=(?:${MEASURE_WORDS})s?\\s))|(?<word>${NUMBER_WORDS})\\s+)(?=[^\\d\\s])`,
);
/** More figures, or a sign beside one: "1,000 g", "3-4 apples", "2%", "00 flour", "7up". */
const FIGURE = /\p{N}/u;

const singular = (word: string): string => word.replace(/^loaves$/, 'loaf').replace(/(?<=box|bunch)es$|s$/, '');

/** The catalogue's name of a product, whether it is written in the singular or the plural. */
export const productName = (name: string): string =>
  [name, `${name}s`, `${name}es`, singular(name)].find((candidate) => PRODUCTS.has(candidate)) ?? name;

/** The number at the beginning of a line, if there is one, and what follows it. */
function quantityOf(line: string): { readonly number: number | undefined; readonly rest: string } {
  const found = QUANTITY.exec(line);
  if (!found) return { number: undefined, rest: line };
  const { whole, decimals, mixed, over, under, word = '' } = found.groups ?? {};
  const number =
    over !== undefined
      ? Number(mixed ?? 0) + Number(over) / Number(under)
      : whole !== undefined
        ? Number(`${whole}.${decimals ?? 0}`)
        : WORDS[word];
  return { number, rest: line.slice(found[0].length) };
}

/**
 * Reads one line of a shopping list: "milk", "2 litres of milk", "a dozen eggs", "3 tins of chickpeas". Anything is an item; an unknown one is in the aisle
 * "Other", and one whose figures could be read in two ways ("1,000 g flour", "3-4 apples") is kept as it is written.
 */
export function shoppingItem(text: string): ShoppingItem {
  const line = text.replace(/\s+/g, ' ').trim();
  const { number, rest } = quantityOf(
    line
      .toLowerCase()
      .replace(/(?<=\d)(?=[¼½¾⅓⅔])/g, ' ')
      .normalize('NFKC'),
  );
  if (FIGURE.test(rest)) return { name: line, aisle: 'Other', amount: undefined };
  const [, measureWord = '', measured] = /^(\S+) (?:of )?(.+)$/.exec(rest) ?? [];
  const measure = MEASURES[measureWord] ?? MEASURES[singular(measureWord)];
  const container = CONTAINERS.has(singular(measureWord)) ? singular(measureWord) : undefined;
  const counted = number !== undefined && measured !== undefined && (measure ?? container) !== undefined;
  const name = productName(counted ? measured : rest.replace(/^(?:some|the|of) /, ''));
  const product = PRODUCTS.get(name);
  const item = { name, aisle: product?.aisle ?? ('Other' as const) };
  if (number === undefined) return { ...item, amount: { quantity: product?.usual ?? 1, unit: product?.unit ?? 'piece' } };
  if (!counted) return { ...item, amount: { quantity: number, unit: 'piece' } };
  return { ...item, amount: measure ? { quantity: number * measure.factor, unit: measure.unit } : { quantity: number, unit: container! } };
}
