import type { Approval, RunThen, Step, Wait } from '../../api/client';

/** One place that differs between two values. `before` or `after` is undefined where the place did not exist. */
export interface Difference {
  /** The place in words of keys and indices, e.g. `args.people[2]`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Stands in a plan for a part of another step's output until that is known. */
const isReference = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.hasOwn(value, '$from');

const members = (value: unknown): ReadonlyMap<string, unknown> | undefined => {
  if (Array.isArray(value)) return new Map((value as readonly unknown[]).map((item, index) => [`[${index}]`, item]));
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
};

const join = (path: string, key: string): string => (path === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`);

/** What differs between two JSON values, place by place, in the order of the later one. */
export function* differences(before: unknown, after: unknown, path = ''): Generator<Difference> {
  if (before === after) return;
  const left = members(before);
  const right = members(after);
  // A list that became an object, or the reverse, changed as a whole; so did a reference that was resolved.
  const isWhole = Array.isArray(before) !== Array.isArray(after) || isReference(before) || isReference(after);
  if (!left || !right || isWhole) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
    return;
  }
  for (const key of new Set([...right.keys(), ...left.keys()])) yield* differences(left.get(key), right.get(key), join(path, key));
}

/** What an event changed. */
export interface Changes {
  /** Of the run as a whole. */
  readonly run: readonly Difference[];
  /** By the ids of the steps; one that the event added has none. */
  readonly steps: ReadonlyMap<number, readonly Difference[]>;
  readonly added: number;
}

type Then = Pick<RunThen, 'state' | 'reason' | 'steps' | 'approvals' | 'waiting_for'>;
type ApprovalThen = Pick<Approval, 'approval_id' | 'step_id' | 'status'>;

/** A wait is the same one as long as it is of the same kind and the same step. */
const waitsOf = (waits: readonly Wait[]): Record<string, true> =>
  Object.fromEntries(waits.filter(({ step_id }) => step_id === null).map(({ kind }) => [kind, true]));

const partsOf = ({ approvals, waiting_for: waits }: Then): ((step: Step) => unknown) => {
  const approvalOf = new Map<number, ApprovalThen>(approvals.map((approval) => [approval.step_id, approval]));
  const waitOf = new Map(waits.map(({ step_id, kind }) => [step_id, kind]));
  return ({ state, ...step }) => ({
    state,
    approval: approvalOf.get(step.step_id)?.status,
    waits_for: waitOf.get(step.step_id),
    ...step,
  });
};

/** What differs between a run after an event and before it; before its first event there was nothing. */
export function changesOf(before: Then | undefined, after: Then): Changes {
  const known = new Map(before?.steps.map((step) => [step.step_id, step]));
  const [partsBefore, partsAfter] = [before && partsOf(before), partsOf(after)];
  const steps = new Map<number, readonly Difference[]>();
  let added = 0;
  for (const step of after.steps) {
    const earlier = known.get(step.step_id);
    if (!earlier || !partsBefore) {
      added += 1;
      steps.set(step.step_id, []);
      continue;
    }
    const found = [...differences(partsBefore(earlier), partsAfter(step))];
    if (found.length > 0) steps.set(step.step_id, found);
  }
  const wholeOf = ({ state, reason, waiting_for }: Then) => ({ state, reason, waits_for: waitsOf(waiting_for) });
  return { run: before ? [...differences(wholeOf(before), wholeOf(after))] : [], steps, added };
}

/** A step in two runs, with what differs. */
export interface ComparedStep {
  readonly key: string;
  readonly name: string;
  readonly original: Step | undefined;
  readonly shadow: Step | undefined;
  readonly differences: readonly Difference[];
}

const told = (step: Step | undefined) =>
  step && { state: step.state, args: step.args, output: step.output ?? null, error: step.error?.message, skipped: step.skip_cause };

/** The steps of a shadow beside those of its original, in their order. */
export function compared(original: readonly Step[], shadow: readonly Step[]): readonly ComparedStep[] {
  const [left, right] = [original, shadow].map((steps) => new Map(steps.map((step) => [step.key, step])));
  return [...new Set([...left!.keys(), ...right!.keys()])].map((key) => {
    const [one, other] = [left!.get(key), right!.get(key)];
    // A step that was taken over keeps its arguments as they were planned: that is no difference.
    const found = [...differences(told(one), told(other))].filter(({ before, after }) => !isReference(before) && !isReference(after));
    return { key, name: (other ?? one)!.name, original: one, shadow: other, differences: found };
  });
}
