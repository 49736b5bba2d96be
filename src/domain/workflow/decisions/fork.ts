import type { JsonObject } from '../../json.js';
import type { PlannedStep } from '../../plan/plan.js';
import type { ApprovalVerdict } from '../lifecycle.js';
import { DomainError } from '../workflow.errors.js';
import { stepOfKey, type StepRecord, type WorkflowState } from '../workflow.state.js';
import type { Reused } from './plan-parts.js';
import { mustExist, mustNotBeShadow } from './refusals.js';
import { outputsBut, unsucceeded } from './rerun.js';

export interface ForkWishes {
  /** Complete arguments in place of those of the plan, by the keys of steps. */
  readonly args?: Readonly<Record<string, JsonObject>>;
  /** What becomes of steps that would wait for a person, by their keys. */
  readonly decisions?: Readonly<Record<string, ApprovalVerdict>>;
}

export interface Fork {
  readonly steps: readonly PlannedStep[];
  readonly decisions: Readonly<Record<string, ApprovalVerdict>>;
  readonly outputs: Reused['outputs'];
}

const verdictOf = ({ approval, formerApprovals }: StepRecord): ApprovalVerdict | undefined => {
  const status = (approval ?? formerApprovals.at(-1))?.status;
  return status === 'approved' ? 'approve' : status === 'rejected' ? 'reject' : undefined;
};

/**
 * A copy of a run as it was at a revision: what had succeeded by then is taken over, but for steps with other arguments and what depends on them. Where nothing else is wished, what would
 * wait for a person is decided as it was in the run.
 * @param then the run at that revision
 * @param now the run as far as it has come
 * @throws DomainError workflow.not-found, workflow.not-planned, workflow.shadow, step.not-found
 */
export function forkOf(then: WorkflowState, now: WorkflowState, { args = {}, decisions = {} }: ForkWishes): Fork {
  mustExist(then);
  mustNotBeShadow(then);
  const { workflowId, steps } = then;
  if (steps.length === 0) throw new DomainError('workflow.not-planned', `Workflow ${workflowId} had no plan at that revision.`);
  for (const [part, keys] of [
    ['args', Object.keys(args)],
    ['decisions', Object.keys(decisions)],
  ] as const) {
    const unknown = keys.find((key) => !stepOfKey(then, key));
    if (unknown !== undefined) throw new DomainError('step.not-found', `Workflow ${workflowId} has no step "${unknown}".`, [part]);
  }
  const decided = [...now.steps].flatMap((step) => {
    const verdict = verdictOf(step);
    return verdict ? [[step.plan.key, verdict] as const] : [];
  });
  const editedIds = Object.keys(args).map((key) => stepOfKey(then, key)!.plan.stepId);
  return {
    steps: [...steps].map(({ plan }) => (Object.hasOwn(args, plan.key) ? { ...plan, args: args[plan.key]! } : plan)),
    decisions: { ...Object.fromEntries(decided), ...decisions },
    outputs: outputsBut(then, [...unsucceeded(then), ...editedIds]),
  };
}
