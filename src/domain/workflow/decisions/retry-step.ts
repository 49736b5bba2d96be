import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustBeOpen, mustExist, mustHaveStep } from './refusals.js';

/** Makes the scheduled attempt ready. Never early; a repeat decides nothing, also once the run is over. */
export function retryStep(
  data: WorkflowCommandData['RetryStep'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const { stepId, attempt } = data;
  const step = mustHaveStep(state, stepId);
  if (step.attempt >= attempt) return [];
  mustBeOpen(state);
  if (state.stopping) throw new DomainError('workflow.stopping', `Workflow ${state.workflowId} is being stopped: ${state.stopping.reason}`);
  if (state.state === 'PAUSED') throw new DomainError('workflow.paused', `Workflow ${state.workflowId} is paused.`);
  const { args, argsHash, retryDueAt } = step;
  if (step.attempt !== attempt - 1 || retryDueAt === null || args === null || argsHash === null) {
    throw new DomainError('step.not-ready', `No attempt ${attempt} of step ${stepId} is scheduled.`);
  }
  if (Date.parse(now) < Date.parse(retryDueAt)) {
    throw new DomainError('step.retry-not-due', `Attempt ${attempt} of step ${stepId} is due at ${retryDueAt}.`);
  }
  const { name, tool, toolVersion } = step.plan;
  return [{ type: 'StepReady', data: { workflowId: state.workflowId, at: now, stepId, name, attempt, tool, toolVersion, args, argsHash } }];
}
