import { z } from 'zod';
import { AISLES, PRODUCTS } from '../bundled/ingredients.js';
import { BREAKFASTS, DIETS, DINNERS, LUNCHES, type Diet, type Meal } from '../bundled/meals.js';
import { shoppingItem, type Amount, type ShoppingItem } from '../formats/shopping-item.js';
import { ToolFailure } from '../tool-failure.js';
import { defineTool } from '../tool.js';

const suits = (meal: Meal, diet: Diet): boolean => DIETS.indexOf(meal.diet) >= DIETS.indexOf(diet);

/** The day's meal of a list, which is gone through again and again. */
function mealOf(meals: readonly Meal[], diet: Diet, day: number): Meal {
  const suitable = meals.filter((meal) => suits(meal, diet));
  return suitable[day % suitable.length]!;
}

/** What can be bought: whole pieces, and steps of 50 g or ml; nobody gets less than the meals need. */
function buyable({ quantity, unit }: Amount): Amount {
  if (unit !== 'g' && unit !== 'ml') return { quantity: Math.ceil(quantity - 1e-9), unit };
  const rounded = Math.ceil(quantity / 50 - 1e-9) * 50;
  return rounded < 1_000 ? { quantity: rounded, unit } : { quantity: rounded / 1_000, unit: unit === 'g' ? 'kg' : 'l' };
}

/** One line for each thing and unit; lines that are kept as they are written stay apart. */
function merged(items: readonly ShoppingItem[]): readonly ShoppingItem[] {
  const lines = new Map<string, ShoppingItem>();
  for (const item of items) {
    const { name, amount } = item;
    const key = `${name}\n${amount?.unit ?? ''}`;
    const before = lines.get(key)?.amount?.quantity ?? 0;
    lines.set(key, { ...item, amount: amount && { ...amount, quantity: before + amount.quantity } });
  }
  return [...lines.values()];
}

const shoppingLine = z.object({
  name: z.string(),
  quantity: z.number().optional().describe('Absent where the name is a line as the person wrote it, amount and all.'),
  unit: z.string().optional(),
});

export const groceryPlan = defineTool({
  name: 'grocery_plan',
  version: '1.1.0',
  description: 'Plans meals and lists the groceries for them by aisle, with quantities; or only lists given items.',
  riskLevel: 'L0',
  effect: 'read-only',
  input: z.object({
    people: z.int().min(1).max(50).default(2),
    days: z.int().min(1).max(31).default(7),
    diet: z.enum(DIETS).default('any'),
    items: z.array(z.string().trim().min(1).max(100)).max(100).default([]).describe('Things to buy besides: "milk", "2 kg of potatoes".'),
    only_items: z.boolean().default(false).describe('Plan no meals: list nothing but the items.'),
  }),
  output: z.object({
    people: z.int(),
    days: z.int(),
    diet: z.enum(DIETS),
    meals: z.array(z.object({ day: z.int(), breakfast: z.string(), lunch: z.string(), dinner: z.string() })),
    aisles: z.array(z.object({ aisle: z.string(), items: z.array(shoppingLine) })),
    total_items: z.int(),
  }),
  summary: 'List the groceries[ for {/people} people][ for {/days} days][, diet: {/diet}]',
  shows: ['/people', '/days', '/diet', '/items', '/only_items'],
  run: ({ people, days, diet, items, only_items: onlyItems }) => {
    if (onlyItems && items.length === 0) {
      throw new ToolFailure('grocery_plan.nothing-to-buy', 'There are no items to list.', { retryable: false });
    }
    const planned = Array.from({ length: onlyItems ? 0 : days }, (_, day) => ({
      day: day + 1,
      meals: [BREAKFASTS, LUNCHES, DINNERS].map((meals) => mealOf(meals, diet, day)) as [Meal, Meal, Meal],
    }));
    const needed = planned
      .flatMap(({ meals }) => meals.flatMap((meal) => Object.entries(meal.ingredients)))
      .map(([name, quantity]) => {
        const { aisle, unit } = PRODUCTS.get(name)!;
        return { name, aisle, amount: { unit, quantity: quantity * people } };
      });
    // What a person asks for is bought as asked, on top of what the meals need, whoever eats with them.
    const list = merged([...needed, ...items.map(shoppingItem)]);
    const aisles = AISLES.map((aisle) => ({
      aisle,
      items: list
        .filter((item) => item.aisle === aisle)
        .map(({ name, amount }) => ({ name, ...(amount && buyable(amount)) }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    })).filter((aisle) => aisle.items.length > 0);
    const meals = planned.map(({ day, meals: [breakfast, lunch, dinner] }) => ({
      day,
      breakfast: breakfast.name,
      lunch: lunch.name,
      dinner: dinner.name,
    }));
    return { people, days, diet, meals, aisles, total_items: list.length };
  },
});
