import type { WorkflowEvent } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustExist, mustHaveStep } from './refusals.js';

/**
 * Keeps what a worker says of an attempt that was taken from it: once for each attempt. Of one that runs there will be an outcome, and of one that never began there is nothing to say.
 */
export function refuseStepResult(
  { stepId, attempt, worker, result }: WorkflowCommandData['RefuseStepResult'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  const isRunning = step.state === 'RUNNING' && step.attempt === attempt;
  const isOpen = !isFinalRunState(state.state!);
  if (attempt > step.lastStarted || step.refusedResults.includes(attempt) || (isRunning && isOpen)) return [];
  const { workflowId } = state;
  const of = { workflowId, at: now, stepId, name: step.plan.name, attempt, worker };
  const said = 'output' in result ? { outcome: 'succeeded' as const, ...result } : { outcome: 'failed' as const, ...result };
  return [{ type: 'StepResultRefused', data: { ...of, ...said, ...(!isOpen && { afterEnd: true }) } }];
}
