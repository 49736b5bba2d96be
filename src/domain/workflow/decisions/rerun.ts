import type { Plan, PlanStep } from '../../plan/plan.js';
import { isFinalRunState } from '../lifecycle.js';
import { DomainError } from '../workflow.errors.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import type { Reused } from './plan-parts.js';
import { mustExist, mustNotBeShadow } from './refusals.js';

export interface Rerun {
  /** The plan as it was, to be validated against the tools that there are now. */
  readonly plan: Plan;
  readonly reused: Reused;
}

/** Arguments that a person put in the place of the plan's are what is wanted. */
const planStepOf = ({
  plan: { key, name, tool, args, dependsOn, riskLevel, toleratesSkips },
  edits,
  args: edited,
}: StepRecord): PlanStep => ({
  key,
  name,
  tool,
  args: edits > 0 && edited ? edited : args,
  dependsOn,
  riskLevel,
  ...(toleratesSkips && { toleratesSkips }),
});

/** Ids of the steps that have not succeeded. */
export const unsucceeded = ({ steps }: WorkflowState): readonly number[] =>
  [...steps].filter(({ state }) => state !== 'SUCCEEDED').map(({ plan }) => plan.stepId);

/** Outputs of all steps but these, and what depends on them. */
export function outputsBut({ steps, dependents }: WorkflowState, stepIds: readonly number[]): Reused['outputs'] {
  const again = new Set(stepIds);
  // A set tells of what is added while it is walked through.
  for (const stepId of again) for (const dependent of dependents[stepId - 1] ?? []) again.add(dependent);
  return [...steps].filter(({ plan }) => !again.has(plan.stepId)).map(({ plan: { stepId }, output }) => ({ stepId, output }));
}

/**
 * What of a finished run is run again: the steps of these keys and whatever depends on them; without keys those that have not succeeded, or all of them where every
 * one has. The others are taken over with their outputs.
 * @param isUndone what the run did has been undone, or is: steps that declare how count as not done
 * @throws DomainError workflow.not-found, workflow.not-finished, step.not-found
 */
export function rerunOf(run: WorkflowState, from: readonly string[] | undefined, isUndone = false): Rerun {
  mustExist(run);
  mustNotBeShadow(run);
  const { workflowId, state, steps, idOfKey } = run;
  if (!isFinalRunState(state!))
    throw new DomainError('workflow.not-finished', `Workflow ${workflowId} is ${state}: only a finished one can be run again.`);
  if (steps.length === 0) throw new DomainError('workflow.not-planned', `Workflow ${workflowId} has no plan: submit its intent again.`);
  const records = [...steps];
  const unknown = from?.find((key) => !idOfKey.has(key));
  if (unknown !== undefined) throw new DomainError('step.not-found', `Workflow ${workflowId} has no step "${unknown}".`, ['from']);
  const undone = isUndone ? records.filter(({ plan }) => plan.undo !== undefined).map(({ plan }) => plan.stepId) : [];
  const open = [...unsucceeded(run), ...undone];
  const wanted = from ? [...from.map((key) => idOfKey.get(key)!), ...open] : open;
  const outputs = outputsBut(run, wanted.length === 0 ? records.map(({ plan }) => plan.stepId) : wanted);
  return { plan: { steps: records.map(planStepOf) }, reused: { of: workflowId, outputs } };
}
