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

/** Goes on. Attempts that were scheduled are scheduled anew, before the run counts as resumed: a crash in between leaves it paused. */
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
  const scheduled = [...state.steps].flatMap(({ plan: { stepId, name }, attempt, retryDueAt }): readonly WorkflowEvent[] =>
    retryDueAt === null
      ? []
      : [{ type: 'StepRetryScheduled', data: { workflowId, at: now, stepId, name, attempt: attempt + 1, dueAt: retryDueAt } }],
  );
  return [...scheduled, { type: 'WorkflowResumed', data: { workflowId, at: now, ...data } }];
}
