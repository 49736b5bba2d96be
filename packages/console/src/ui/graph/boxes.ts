import type { Step } from '../../api/client';
import { ranksOf } from './layered';

type Planned = Pick<Step, 'key' | 'depends_on'>;

/** What is drawn as one box: a step, many equal ones, or a whole level of a large plan. */
export interface Box<S extends Planned = Step> {
  readonly id: string;
  readonly steps: readonly S[];
  /** The level that it stands for, counted from 1. */
  readonly level?: number;
  /** Boxes that come before it. */
  readonly after: readonly string[];
}

type Drawn<S extends Planned> = Omit<Box<S>, 'after'>;

/** More siblings than these are drawn as one, and in a large plan more boxes of a level than these. */
export const MOST_SIBLINGS = 30;
/** With more boxes, levels are drawn as one. */
export const MOST_BOXES = 300;

const key = (keys: readonly string[]): string => JSON.stringify([...keys].sort());

/** Steps with the same dependencies and dependents as one where there are many, unless that one was opened. */
function bySiblings<S extends Planned>(steps: readonly S[], open: ReadonlySet<string>): readonly Drawn<S>[] {
  const dependents = new Map<string, string[]>();
  for (const step of steps)
    for (const one of step.depends_on) {
      const known = dependents.get(one);
      if (known) known.push(step.key);
      else dependents.set(one, [step.key]);
    }
  const siblings = new Map<string, S[]>();
  for (const step of steps) {
    const like = `${key(step.depends_on)} ${key(dependents.get(step.key) ?? [])}`;
    const known = siblings.get(like);
    if (known) known.push(step);
    else siblings.set(like, [step]);
  }
  return [...siblings.values()].flatMap((equal): Drawn<S>[] => {
    const id = `siblings of ${equal[0]!.key}`;
    return equal.length > MOST_SIBLINGS && !open.has(id)
      ? [{ id, steps: equal }]
      : equal.map((step) => ({ id: `step ${step.key}`, steps: [step] }));
  });
}

/** Levels of many boxes as one each, unless that one was opened. */
function byLevels<S extends Planned>(steps: readonly S[], drawn: readonly Drawn<S>[], open: ReadonlySet<string>): readonly Drawn<S>[] {
  const ranks = ranksOf(steps.map((step) => [step.key, step.depends_on]));
  const levels = new Map<number, Drawn<S>[]>();
  for (const box of drawn) {
    // Siblings have the same dependencies: they are on one level.
    const rank = ranks.get(box.steps[0]!.key) ?? 0;
    const known = levels.get(rank);
    if (known) known.push(box);
    else levels.set(rank, [box]);
  }
  return [...levels].flatMap(([rank, boxes]): readonly Drawn<S>[] => {
    const id = `level ${rank + 1}`;
    return boxes.length > MOST_SIBLINGS && !open.has(id) ? [{ id, level: rank + 1, steps: boxes.flatMap((box) => box.steps) }] : boxes;
  });
}

/** The boxes of a plan, and which come before which. */
export function boxesOf<S extends Planned>(steps: readonly S[], open: ReadonlySet<string>): readonly Box<S>[] {
  // Counted as if nothing were open: a box that is opened must not fold others.
  const isLarge = bySiblings(steps, new Set()).length > MOST_BOXES;
  const siblings = bySiblings(steps, open);
  const drawn = isLarge ? byLevels(steps, siblings, open) : siblings;
  const boxOf = new Map(drawn.flatMap(({ id, steps: own }) => own.map((step) => [step.key, id] as const)));
  return drawn.map((box) => {
    // Equal steps have the same dependencies; those of a level have different ones.
    const own = box.level === undefined ? box.steps.slice(0, 1) : box.steps;
    return { ...box, after: [...new Set(own.flatMap((step) => step.depends_on.flatMap((one) => boxOf.get(one) ?? [])))] };
  });
}
