import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustBeOpen } from './refusals.js';

export function pauseWorkflow(
  data: WorkflowCommandData['PauseWorkflow'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustBeOpen(state);
  const { workflowId } = state;
  if (state.state === 'PAUSED') return [];
  if (state.state !== 'RUNNING')
    throw new DomainError('workflow.not-running', `Workflow ${workflowId} is ${state.state}: only a running one can be paused.`);
  return [{ type: 'WorkflowPaused', data: { workflowId, at: now, ...data } }];
}

/** Attempts that were scheduled come at their times, or at once where those have passed. */
export function resumeWorkflow(
  data: WorkflowCommandData['ResumeWorkflow'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustBeOpen(state);
  const { workflowId } = state;
  if (state.state === 'RUNNING') return [];
  if (state.state !== 'PAUSED')
    throw new DomainError('workflow.not-running', `Workflow ${workflowId} is ${state.state}: only a paused one can be resumed.`);
  return [{ type: 'WorkflowResumed', data: { workflowId, at: now, ...data } }];
}
