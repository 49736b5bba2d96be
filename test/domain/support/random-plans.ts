import fc from 'fast-check';
import type { JsonObject } from '../../../src/domain/json.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { RISK_LEVELS } from '../../../src/domain/risk/risk-level.js';
import { plannedStep } from './planned-steps.js';

/** For each step (by index) the indices of earlier steps that it depends on. */
type Graph = readonly (readonly number[])[];

const graphOf = (dependenciesOf: (index: number) => readonly number[]) => (size: number) =>
  Array.from({ length: size }, (_, index) => dependenciesOf(index));
const all = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

const wide = fc.integer({ min: 1, max: 12 }).map(graphOf(() => []));
const deep = fc.integer({ min: 2, max: 12 }).map(graphOf((index) => (index === 0 ? [] : [index - 1])));
const diamond = fc
  .integer({ min: 3, max: 12 })
  .map((size) => graphOf((at) => (at === 0 ? [] : at === size - 1 ? all(at).slice(1) : [0]))(size));
const any = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.tuple(...all(size).map((index) => (index === 0 ? fc.constant([]) : fc.subarray([...all(index)])))));

/** Directed acyclic graphs: wide, deep, diamonds, and anything else. */
export const randomGraph: fc.Arbitrary<Graph> = fc.oneof(wide, deep, diamond, any);

const nature = fc.record({
  riskLevel: fc.constantFrom(...RISK_LEVELS),
  effect: fc.constantFrom('read-only', 'idempotent', 'non-idempotent'),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  jitter: fc.constantFrom(0, 0.5, 1),
  /** Whether each dependency's output is used. */
  uses: fc.infiniteStream(fc.boolean()),
});

const argsOf = (dependencies: readonly string[], uses: Iterator<boolean>): JsonObject => ({
  list: dependencies.filter(() => uses.next().value === true).map((from) => ({ value: { $from: from, path: '/value' } })),
});

/** Validated plans in which steps stand in any order, carry any risk, and use outputs of steps they depend on at `/value`. */
export const randomPlan: fc.Arbitrary<readonly PlannedStep[]> = randomGraph.chain((graph) =>
  fc
    .tuple(
      fc.shuffledSubarray([...all(graph.length)], { minLength: graph.length }),
      fc.array(nature, { minLength: graph.length, maxLength: graph.length }),
    )
    .map(([order, natures]) => {
      const keyOf = (index: number): string => `k${index}`;
      return order.map((index, place) => {
        const { riskLevel, effect, maxAttempts, jitter, uses } = natures[index]!;
        const dependsOn = graph[index]!.map(keyOf);
        const retry = { maxAttempts, initialDelayMs: 100, multiplier: 2, maxDelayMs: 1_000, jitter };
        return plannedStep(place + 1, { key: keyOf(index), dependsOn, args: argsOf(dependsOn, uses), riskLevel, effect, retry });
      });
    }),
);
