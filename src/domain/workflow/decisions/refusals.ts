import { isFinalRunState } from '../lifecycle.js';
import { DomainError } from '../workflow.errors.js';
import { stepOf, type StepRecord, type WorkflowState } from '../workflow.state.js';

/** @throws DomainError workflow.not-found */
export function mustExist(state: WorkflowState): void {
  if (state.state === undefined) throw new DomainError('workflow.not-found', `There is no workflow ${state.workflowId}.`);
}

/** @throws DomainError workflow.not-found, workflow.finished */
export function mustBeOpen(state: WorkflowState): void {
  mustExist(state);
  if (isFinalRunState(state.state!)) {
    throw new DomainError('workflow.finished', `Workflow ${state.workflowId} is ${state.state} already.`);
  }
}

/** @throws DomainError step.not-found */
export function mustHaveStep(state: WorkflowState, stepId: number): StepRecord {
  const step = stepOf(state, stepId);
  if (!step) throw new DomainError('step.not-found', `Workflow ${state.workflowId} has no step ${stepId}.`);
  return step;
}

/** @throws DomainError workflow.shadow: nothing of it happened, so nothing can be built on it */
export function mustNotBeShadow({ workflowId, fork }: WorkflowState): void {
  if (fork)
    throw new DomainError('workflow.shadow', `Workflow ${workflowId} is a shadow of workflow ${fork.workflowId}: nothing of it happened.`);
}
