import type { Step } from '../../api/client';

type Planned = Pick<Step, 'key' | 'depends_on'>;

/** What is drawn as one box: a step, or many equal ones. */
export interface Box<S extends Planned = Step> {
  readonly id: string;
  readonly steps: readonly S[];
  /** Boxes that come before it. */
  readonly after: readonly string[];
}

/** More siblings than these are drawn as one. */
export const MOST_SIBLINGS = 30;

const key = (keys: readonly string[]): string => JSON.stringify([...keys].sort());

/** The boxes of a plan. Steps with the same dependencies and dependents are one where there are many, unless that one was opened. */
export function boxesOf<S extends Planned>(steps: readonly S[], open: ReadonlySet<string>): readonly Box<S>[] {
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
  const drawn: { readonly id: string; readonly steps: readonly S[] }[] = [];
  for (const equal of siblings.values()) {
    const id = `siblings of ${equal[0]!.key}`;
    if (equal.length > MOST_SIBLINGS && !open.has(id)) drawn.push({ id, steps: equal });
    else for (const step of equal) drawn.push({ id: `step ${step.key}`, steps: [step] });
  }
  const boxOf = new Map(drawn.flatMap(({ id, steps: own }) => own.map((step) => [step.key, id] as const)));
  return drawn.map(({ id, steps: own }) => ({
    id,
    steps: own,
    after: [...new Set(own[0]!.depends_on.flatMap((one) => boxOf.get(one) ?? []))],
  }));
}
