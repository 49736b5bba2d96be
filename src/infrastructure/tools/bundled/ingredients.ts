/** In the order in which one walks through a shop. */
export const AISLES = [
  'Fruit and vegetables',
  'Bakery',
  'Dairy and eggs',
  'Meat and fish',
  'Pasta, rice and grains',
  'Tins and jars',
  'Oils and spices',
  'Drinks',
  'Household',
  'Other',
] as const;
export type Aisle = (typeof AISLES)[number];

/** Grams, millilitres or whole pieces. */
export type Unit = 'g' | 'ml' | 'piece';

export interface Product {
  readonly aisle: Aisle;
  readonly unit: Unit;
  /** What one buys of it where nobody says how much. */
  readonly usual: number;
}

const products = (aisle: Aisle, unit: Unit, rows: Readonly<Record<string, number>>): readonly (readonly [string, Product])[] =>
  Object.entries(rows).map(([name, usual]) => [name, { aisle, unit, usual }]);

/** What is known by name; in the singular or plural in which it is bought. */
export const PRODUCTS: ReadonlyMap<string, Product> = new Map([
  ...products('Fruit and vegetables', 'g', { potatoes: 1000, spinach: 250, broccoli: 500, mushrooms: 250, 'green beans': 400, salad: 200 }),
  ...products('Fruit and vegetables', 'g', { carrots: 500, tomatoes: 500, berries: 250, ginger: 50 }),
  ...products('Fruit and vegetables', 'piece', {
    apples: 6,
    bananas: 6,
    lemons: 2,
    onions: 4,
    'garlic cloves': 4,
    peppers: 2,
    cucumbers: 1,
  }),
  ...products('Fruit and vegetables', 'piece', { avocados: 2, courgettes: 2, limes: 2, oranges: 4 }),
  ...products('Bakery', 'piece', { 'bread rolls': 6, wraps: 6 }),
  ...products('Bakery', 'g', { bread: 750, flour: 1000 }),
  ...products('Dairy and eggs', 'ml', { milk: 1000, cream: 200 }),
  ...products('Dairy and eggs', 'g', { butter: 250, yoghurt: 500, cheese: 200, feta: 200, parmesan: 100 }),
  ...products('Dairy and eggs', 'piece', { eggs: 10 }),
  ...products('Meat and fish', 'g', { chicken: 500, salmon: 300, 'minced beef': 500, ham: 150 }),
  ...products('Pasta, rice and grains', 'g', { pasta: 500, rice: 500, oats: 500, lentils: 500, couscous: 500, noodles: 250, muesli: 500 }),
  ...products('Tins and jars', 'g', { 'chopped tomatoes': 400, chickpeas: 400, 'kidney beans': 400, 'peanut butter': 350, jam: 340 }),
  ...products('Tins and jars', 'g', { hummus: 200, tofu: 400 }),
  ...products('Tins and jars', 'ml', { 'coconut milk': 400 }),
  ...products('Oils and spices', 'ml', { 'olive oil': 500, 'soy sauce': 150 }),
  ...products('Oils and spices', 'g', { salt: 500, pepper: 50, sugar: 500, 'curry powder': 40, cumin: 40 }),
  ...products('Drinks', 'g', { coffee: 500, tea: 100 }),
  ...products('Drinks', 'ml', { juice: 1000, water: 6000, 'oat drink': 1000 }),
  ...products('Household', 'piece', { 'toilet paper': 8, 'washing-up liquid': 1, soap: 2 }),
]);
