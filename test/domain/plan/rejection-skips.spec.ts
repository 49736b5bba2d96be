import fc from 'fast-check';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { MAX_LISTED_SKIPS, rejectionSkips } from '../../../src/domain/plan/rejection-skips.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { randomPlan } from '../support/random-plans.js';
import { RandomRun } from '../support/random-run.js';

const after = (stepId: number, ...dependsOn: readonly number[]): PlannedStep =>
  plannedStep(stepId, { dependsOn: dependsOn.map((id) => `s${id}`) });
const tolerant = (stepId: number, ...dependsOn: readonly number[]): PlannedStep => ({
  ...after(stepId, ...dependsOn),
  toleratesSkips: true,
});

/** The keys that each step takes with it. */
const skipsOf = (...steps: readonly PlannedStep[]): readonly string[] =>
  rejectionSkips(
    steps,
    steps.map(({ stepId }) => stepId),
  ).map(({ steps: listed, count }) => {
    expect(count).toBe(listed.length);
    return listed.map(({ key }) => key).join(' ');
  });

describe('what a rejection skips', () => {
  it('is everything that depends on the step, however far', () => {
    expect(skipsOf(after(1), after(2, 1), after(3, 2), after(4))).toEqual(['s2 s3', 's3', '', '']);
  });

  it('counts each once, by whatever ways it depends', () => {
    expect(skipsOf(after(1), after(2, 1), after(3, 1), after(4, 2, 3))).toEqual(['s2 s3 s4', 's4', 's4', '']);
  });

  it('is in the order of the plan, whatever comes first in the run', () => {
    expect(skipsOf(after(1, 3), after(2, 1), after(3))).toEqual(['s2', '', 's1 s2']);
  });

  it('spares steps that tolerate it, and what is behind them alone', () => {
    expect(skipsOf(after(1), tolerant(2, 1), after(3, 2), after(4, 1, 2))).toEqual(['s4', 's3 s4', '', '']);
  });

  it('takes a tolerant step itself, if it is the one that is rejected', () => {
    expect(skipsOf(after(1), tolerant(2, 1), after(3, 2))).toEqual(['', 's3', '']);
  });

  it('is what scheduling skips', () => {
    const plans = randomPlan.chain((steps) =>
      fc.record({
        steps: fc.constant(steps),
        rejected: fc.integer({ min: 1, max: steps.length }),
        tolerates: fc.array(fc.boolean(), { minLength: steps.length, maxLength: steps.length }),
      }),
    );
    fc.assert(
      fc.property(plans, ({ steps, rejected, tolerates }) => {
        const plan = steps.map((step, index): PlannedStep => ({
          ...step,
          args: {},
          riskLevel: step.stepId === rejected ? 'L3' : 'L0',
          ...(tolerates[index] && { toleratesSkips: true }),
        }));
        const run = new RandomRun(plan, 'L3');
        run.settle({ outcome: () => 'succeeds', approves: (stepId) => stepId !== rejected });
        const skipped = [...run.state.steps].filter(({ skipCause }) => skipCause === 'dependency').map(({ plan: { key } }) => key);
        const [said] = rejectionSkips(plan, [rejected]);
        expect(run.state.state).toBe('SUCCEEDED');
        expect(said).toEqual({ steps: plan.filter(({ key }) => skipped.includes(key)), count: skipped.length });
      }),
      { numRuns: 300 },
    );
  });

  it('answers about many steps as about each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.infiniteStream(fc.nat()), (size, numbers) => {
        const number = (): number => Number(numbers.next().value);
        const steps = Array.from({ length: size }, (_, index) =>
          after(index + 1, ...new Set(index === 0 ? [] : Array.from({ length: number() % 3 }, () => (number() % index) + 1))),
        );
        const ids = steps.map(({ stepId }) => stepId);
        expect(rejectionSkips(steps, ids)).toEqual(ids.flatMap((id) => rejectionSkips(steps, [id])));
      }),
      { numRuns: 50 },
    );
  });

  it('lists the first of many, and counts all, in plans of any shape', () => {
    const size = 10_000;
    const ids = Array.from({ length: size }, (_, index) => index + 1);
    const deep = rejectionSkips(chain(size), ids);
    expect(deep.map(({ count }) => count)).toEqual(ids.map((id) => size - id));
    expect(deep[0]!.steps.map(({ stepId }) => stepId)).toEqual(ids.slice(1, MAX_LISTED_SKIPS + 1));
    const wide = rejectionSkips(
      ids.map((id) => (id === 1 ? after(1) : after(id, 1))),
      ids,
    );
    expect(wide.map(({ count }) => count)).toEqual(ids.map((id) => (id === 1 ? size - 1 : 0)));
    expect(wide[0]!.steps).toHaveLength(MAX_LISTED_SKIPS);
  });
});
