export const DIETS = ['any', 'vegetarian', 'vegan'] as const;
export type Diet = (typeof DIETS)[number];

export interface Meal {
  readonly name: string;
  /** The strictest diet that it suits. */
  readonly diet: Diet;
  /** For one person, in the product's unit. */
  readonly ingredients: Readonly<Record<string, number>>;
}

const meal = (diet: Diet, name: string, ingredients: Readonly<Record<string, number>>): Meal => ({ name, diet, ingredients });

export const BREAKFASTS: readonly Meal[] = [
  meal('vegan', 'Porridge with apple', { oats: 60, 'oat drink': 200, apples: 0.5 }),
  meal('vegetarian', 'Muesli with yoghurt and berries', { muesli: 60, yoghurt: 150, berries: 60 }),
  meal('vegan', 'Toast with peanut butter and banana', { bread: 90, 'peanut butter': 30, bananas: 1 }),
  meal('vegetarian', 'Scrambled eggs on toast', { eggs: 2, butter: 10, bread: 90 }),
];

export const LUNCHES: readonly Meal[] = [
  meal('vegan', 'Hummus wrap with vegetables', { wraps: 2, hummus: 60, carrots: 60, cucumbers: 0.25, salad: 30 }),
  meal('vegetarian', 'Greek salad with bread', { tomatoes: 150, cucumbers: 0.5, feta: 60, 'olive oil': 15, bread: 80 }),
  meal('any', 'Ham and cheese rolls with salad', { 'bread rolls': 2, ham: 40, cheese: 30, salad: 40 }),
  meal('vegan', 'Couscous with chickpeas', { couscous: 80, chickpeas: 100, peppers: 0.5, lemons: 0.25, 'olive oil': 10 }),
  meal('vegan', 'Lentil soup', { lentils: 70, carrots: 80, onions: 0.5, 'chopped tomatoes': 100, bread: 60 }),
];

export const DINNERS: readonly Meal[] = [
  meal('any', 'Chicken curry with rice', { chicken: 150, rice: 80, 'coconut milk': 100, onions: 0.5, 'curry powder': 4 }),
  meal('vegan', 'Spaghetti with tomato sauce', { pasta: 110, 'chopped tomatoes': 150, 'garlic cloves': 1, 'olive oil': 10 }),
  meal('any', 'Salmon with potatoes and green beans', { salmon: 140, potatoes: 250, 'green beans': 120, lemons: 0.25, butter: 10 }),
  meal('vegetarian', 'Mushroom risotto', { rice: 90, mushrooms: 120, parmesan: 25, onions: 0.5, butter: 10 }),
  meal('vegan', 'Chilli with beans and rice', { 'kidney beans': 130, 'chopped tomatoes': 150, peppers: 0.5, rice: 70, cumin: 3 }),
  meal('any', 'Spaghetti bolognese', { pasta: 110, 'minced beef': 120, 'chopped tomatoes': 120, carrots: 40, onions: 0.5, parmesan: 10 }),
  meal('vegan', 'Tofu noodles with broccoli', { noodles: 90, tofu: 130, broccoli: 120, 'soy sauce': 15, ginger: 5 }),
  meal('vegetarian', 'Baked potatoes with yoghurt and salad', { potatoes: 350, yoghurt: 100, salad: 60, 'olive oil': 10 }),
  meal('vegan', 'Chickpea and spinach curry', { chickpeas: 130, spinach: 80, 'coconut milk': 100, rice: 70, 'curry powder': 4 }),
];
