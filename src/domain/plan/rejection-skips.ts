import type { PlannedStep } from './plan.js';

/** Steps that are listed of those that one rejection skips; more are only counted. */
export const MAX_LISTED_SKIPS = 100;

/** What a rejected step takes with it. */
export interface RejectionSkips {
  /** The first of them in the plan's order, at most `MAX_LISTED_SKIPS`. */
  readonly steps: readonly PlannedStep[];
  /** Of all. */
  readonly count: number;
}

/** Steps that are followed through the plan at once: as many as a number has bits. */
const LANES = 32;

interface Graph {
  /** Indices in an order in which dependencies come first. */
  readonly order: Int32Array;
  /** Indices of the steps whose being skipped skips the step at an index: in `skippers` from `starts` at it up to `starts` at the next. In two arrays, for they are walked through often. */
  readonly starts: Int32Array;
  readonly skippers: Int32Array;
}

function graphOf(steps: readonly PlannedStep[]): Graph {
  const indexOf = new Map(steps.map(({ key }, index) => [key, index]));
  const dependencies = steps.map(({ dependsOn }) => dependsOn.map((key) => indexOf.get(key)!));
  const dependents: number[][] = steps.map(() => []);
  dependencies.forEach((own, index) => own.forEach((dependency) => dependents[dependency]!.push(index)));
  const waiting = dependencies.map(({ length }) => length);
  const order = new Int32Array(steps.length);
  let found = 0;
  waiting.forEach((count, index) => {
    if (count === 0) order[found++] = index;
  });
  for (let at = 0; at < found; at++) {
    for (const dependent of dependents[order[at]!]!) if (--waiting[dependent]! === 0) order[found++] = dependent;
  }
  const starts = new Int32Array(steps.length + 1);
  const skippers: number[] = [];
  dependencies.forEach((own, index) => {
    if (!steps[index]!.toleratesSkips) for (const dependency of own) skippers.push(dependency);
    starts[index + 1] = skippers.length;
  });
  return { order, starts, skippers: Int32Array.from(skippers) };
}

/**
 * What is skipped besides each of these steps if a person rejects it and all else succeeds: the steps that depend on it, directly or not, but for those that
 * tolerate that, and what is behind them alone. It says what scheduling will do. Takes one walk through the plan for every 32 steps asked about.
 * @param steps of a validated plan, the step with id n at n − 1
 */
export function rejectionSkips(steps: readonly PlannedStep[], stepIds: readonly number[]): readonly RejectionSkips[] {
  const { order, starts, skippers } = graphOf(steps);
  const answers: RejectionSkips[] = [];
  for (let first = 0; first < stepIds.length; first += LANES) {
    const asked = stepIds.slice(first, first + LANES);
    const masks = new Int32Array(steps.length);
    asked.forEach((stepId, lane) => (masks[stepId - 1]! |= 1 << lane));
    for (const index of order) {
      let mask = masks[index]!;
      for (let at = starts[index]!; at < starts[index + 1]!; at++) mask |= masks[skippers[at]!]!;
      masks[index] = mask;
    }
    answers.push(...collected(steps, masks, asked));
  }
  return answers;
}

/** The steps that each lane has reached, without the one that it began at. */
function collected(steps: readonly PlannedStep[], masks: Int32Array, asked: readonly number[]): readonly RejectionSkips[] {
  return asked.map((stepId, lane) => {
    const bit = 1 << lane;
    const listed: PlannedStep[] = [];
    let count = 0;
    for (let index = 0; index < masks.length; index++) {
      if ((masks[index]! & bit) === 0 || index === stepId - 1) continue;
      if (count++ < MAX_LISTED_SKIPS) listed.push(steps[index]!);
    }
    return { steps: listed, count };
  });
}
