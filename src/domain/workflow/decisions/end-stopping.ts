import type { StepError, WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustExist } from './refusals.js';
import { withEnd } from './run-end.js';

const ABANDONED: StepError = {
  code: 'attempt.abandoned',
  message: 'The run was stopped and the attempt did not end in time. Whether the tool had its effect is unknown.',
  retryable: false,
  effect: 'unknown',
};

/** Attempts that one decision gives up: one append holds them. */
const BATCH = 250;

/**
 * Ends a run that has been stopped for long enough: what has no outcome by now gets none. Deals with a bounded number of attempts: it is repeated until the run has ended.
 * Never early; a repeat decides nothing.
 */
export function endStopping(state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  mustExist(state);
  const { workflowId, stopping } = state;
  if (state.state !== 'CANCELLING' || !stopping) return [];
  if (Date.parse(now) < Date.parse(stopping.until))
    throw new DomainError('workflow.stopping', `Workflow ${workflowId} may end by itself until ${stopping.until}.`);
  const running = [...state.steps].filter((step) => step.state === 'RUNNING').slice(0, BATCH);
  const abandoned = running.map(({ plan: { stepId, name }, attempt }): WorkflowEvent => ({
    type: 'StepFailed',
    data: { workflowId, at: now, stepId, name, attempt, error: ABANDONED },
  }));
  return withEnd(abandoned, state, now);
}
