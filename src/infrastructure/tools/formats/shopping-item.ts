import { PRODUCTS, type Aisle, type Unit } from '../bundled/ingredients.js';

export interface ShoppingItem {
  readonly name: string;
  readonly aisle: Aisle;
  readonly quantity: number;
  /** A product's unit, or the one that the person named. */
  readonly unit: string;
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
const QUANTITY = new RegExp(`^(?:(?<digits>\\d{1,5}(?:[.,]\\d{1,2})?)\\s*(?:x\\s+)?|(?<word>${NUMBER_WORDS})\\s+)(?=\\S)`);

const singular = (word: string): string => word.replace(/^loaves$/, 'loaf').replace(/(?<=box|bunch)es$|s$/, '');

/** The catalogue's name of a product, whether it is written in the singular or the plural. */
export const productName = (name: string): string =>
  [name, `${name}s`, `${name}es`, singular(name)].find((candidate) => PRODUCTS.has(candidate)) ?? name;

/** The number at the beginning of a line, if there is one, and what follows it. */
function quantityOf(line: string): { readonly number: number | undefined; readonly rest: string } {
  const found = QUANTITY.exec(line);
  if (!found) return { number: undefined, rest: line };
  const { digits, word = '' } = found.groups ?? {};
  return { number: digits === undefined ? WORDS[word] : Number(digits.replace(',', '.')), rest: line.slice(found[0].length) };
}

/**
 * Reads one line of a shopping list: "milk", "2 litres of milk", "a dozen eggs", "3 tins of chickpeas". Anything is an item; an unknown one is in the aisle
 * "Other".
 */
export function shoppingItem(text: string): ShoppingItem {
  const { number, rest } = quantityOf(text.toLowerCase().replace(/\s+/g, ' ').trim());
  const [, measureWord = '', measured] = /^(\S+) (?:of )?(.+)$/.exec(rest) ?? [];
  const measure = MEASURES[measureWord] ?? MEASURES[singular(measureWord)];
  const container = CONTAINERS.has(singular(measureWord)) ? singular(measureWord) : undefined;
  const counted = number !== undefined && measured !== undefined && (measure ?? container) !== undefined;
  const name = productName(counted ? measured : rest.replace(/^(?:some|the|of) /, ''));
  const product = PRODUCTS.get(name);
  const item = { name, aisle: product?.aisle ?? ('Other' as const) };
  if (number === undefined) return { ...item, quantity: product?.usual ?? 1, unit: product?.unit ?? 'piece' };
  if (!counted) return { ...item, quantity: number, unit: 'piece' };
  return measure ? { ...item, quantity: number * measure.factor, unit: measure.unit } : { ...item, quantity: number, unit: container! };
}
