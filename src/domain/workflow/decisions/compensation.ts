import { findReferences } from '../../plan/data-flow.js';
import { MAX_PLAN_DEPENDENCIES, type Plan, type PlanStep } from '../../plan/plan.js';
import { MAX_ARGS_LENGTH, MAX_DEPENDENCY_KEYS_LENGTH, type ToolCatalogue } from '../../plan/validate-plan.js';
import type { JsonObject } from '../../json.js';
import { undoOf } from '../../tool/undo.js';
import type { NotUndone } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import { DomainError } from '../workflow.errors.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { mustExist, mustNotBeShadow } from './refusals.js';

export interface Compensation {
  /** Undoes what can be undone, what was done last first. */
  readonly plan: Plan;
  /** Steps that declare an undo which is not possible all the same. */
  readonly notUndone: readonly NotUndone[];
}

/** Whether the step did something in this run: its tool, or a person in its place. What was taken over from another run is that one's. */
const didSomething = ({ state, starts, isDoneByHand, plan: { effect } }: StepRecord): boolean =>
  state === 'SUCCEEDED' && effect !== 'read-only' && (starts > 0 || isDoneByHand);

/** Whether a failed step had its effect all the same, or may have had it. */
const mayHaveDone = ({ state, plan, error }: StepRecord): boolean =>
  state === 'FAILED' && plan.effect !== 'read-only' && error !== null && error.effect !== 'none';

/** What the undo that a step declares is called with; or why there is none. */
const undoArgs = ({ plan: { tool: name, undo }, args, output }: StepRecord) => undoOf({ name, ...(undo && { undo }) }, args ?? {}, output);

/** Ids of the steps that did something which can be undone, and of those whose effect stays, or may. */
export function effectsOf({ steps, fork }: WorkflowState): { readonly undo: readonly number[]; readonly keep: readonly number[] } {
  const all = fork ? [] : [...steps];
  const isUndone = (step: StepRecord): boolean => step.plan.undo !== undefined && undoArgs(step).kind === 'resolved';
  const idsOf = (some: readonly StepRecord[]): readonly number[] => some.map(({ plan }) => plan.stepId);
  const keep = all.filter((step) => mayHaveDone(step) || (didSomething(step) && !isUndone(step)));
  return { undo: idsOf(all.filter((step) => didSomething(step) && isUndone(step))), keep: idsOf(keep) };
}

type Undo = { readonly args: JsonObject } | { readonly problem: string };

/** The complete arguments of the call that undoes a step, or why there is none. */
function undoCall(step: StepRecord, tools: ToolCatalogue): Undo {
  const resolution = undoArgs(step);
  const { undo } = step.plan;
  if (resolution.kind === 'unresolvable') return { problem: resolution.reason };
  const { args: complete } = resolution;
  if (!tools.manifest(undo!.tool)) return { problem: `there is no tool "${undo!.tool}"` };
  const { references, malformed } = findReferences(complete);
  // What a tool answered is data, even where it looks like a reference.
  if (references.length + malformed.length > 0) return { problem: 'its arguments would be taken for references' };
  if (JSON.stringify(complete).length > MAX_ARGS_LENGTH) return { problem: 'its arguments would be too long' };
  const problem = tools.checkArgs(undo!.tool, complete);
  return problem === undefined ? { args: complete } : { problem };
}

const keyOf = (stepId: number): string => `undo-${stepId}`;

/** For each step the nearest of these that depend on it, directly or through others; undefined where a plan could not hold that many. */
function nearestDependents(
  { dependents }: WorkflowState,
  stepIds: ReadonlySet<number>,
): ReadonlyMap<number, readonly string[]> | undefined {
  const found = new Map<number, readonly string[]>();
  let looked = 0;
  for (const stepId of stepIds) {
    const nearest: string[] = [];
    const left = new Set(dependents[stepId - 1]);
    // A set tells of what is added while it is walked through.
    for (const id of left) {
      if (++looked > MAX_PLAN_DEPENDENCIES) return undefined;
      if (stepIds.has(id)) nearest.push(keyOf(id));
      else for (const next of dependents[id - 1] ?? []) left.add(next);
    }
    if (JSON.stringify(nearest).length > MAX_DEPENDENCY_KEYS_LENGTH) return undefined;
    found.set(stepId, nearest);
  }
  return found;
}

/** One after the other, what finished last first. */
function inTurn(steps: readonly StepRecord[]): ReadonlyMap<number, readonly string[]> {
  const order = [...steps].sort((a, b) => b.finishedAt!.localeCompare(a.finishedAt!) || b.plan.stepId - a.plan.stepId);
  return new Map(order.map(({ plan }, index) => [plan.stepId, index === 0 ? [] : [keyOf(order[index - 1]!.plan.stepId)]]));
}

/**
 * The undos of a finished run: of each step that succeeded and declares one, after those of the steps that depended on it. One that is rejected or skipped does not hold back the others.
 * @throws DomainError workflow.not-found, workflow.not-finished, workflow.nothing-to-undo
 */
export function compensationOf(run: WorkflowState, tools: ToolCatalogue): Compensation {
  mustExist(run);
  mustNotBeShadow(run);
  const { workflowId, state, steps } = run;
  if (!isFinalRunState(state!))
    throw new DomainError(
      'workflow.not-finished',
      `Workflow ${workflowId} is ${state}: only a finished one can be undone. Cancel it first.`,
    );
  const undoable = [...steps].filter((step) => didSomething(step) && step.plan.undo !== undefined);
  const calls = new Map(undoable.map((step) => [step.plan.stepId, undoCall(step, tools)]));
  const notUndone = undoable.flatMap(({ plan: { stepId, name } }): NotUndone[] => {
    const call = calls.get(stepId)!;
    return 'problem' in call ? [{ stepId, name, reason: call.problem }] : [];
  });
  const undone = undoable.filter(({ plan }) => 'args' in calls.get(plan.stepId)!);
  if (undone.length === 0) {
    const why = notUndone[0] ? ` (of "${notUndone[0].name}": ${notUndone[0].reason})` : '';
    throw new DomainError('workflow.nothing-to-undo', `Nothing that workflow ${workflowId} did can be undone${why}.`);
  }
  const after = nearestDependents(run, new Set(undone.map(({ plan }) => plan.stepId))) ?? inTurn(undone);
  const undoStep = ({ plan: { stepId, name, undo } }: StepRecord): PlanStep => ({
    key: keyOf(stepId),
    name: `Undo: ${name}`,
    tool: undo!.tool,
    args: (calls.get(stepId) as { readonly args: JsonObject }).args,
    dependsOn: after.get(stepId)!,
    toleratesSkips: true,
  });
  return { plan: { steps: undone.map(undoStep).reverse() }, notUndone };
}
