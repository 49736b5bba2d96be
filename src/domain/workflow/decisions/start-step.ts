import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import type { WorkflowState } from '../workflow.state.js';
import { mustBeOpen, mustHaveStep } from './refusals.js';

/** Decides nothing when that attempt runs already: the caller sees in the state who runs it. */
export function startStep(
  data: WorkflowCommandData['StartStep'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustBeOpen(state);
  const { stepId, attempt, worker } = data;
  const step = mustHaveStep(state, stepId);
  if (step.attempt === attempt && step.state === 'RUNNING') return [];
  if (state.stopping) throw new DomainError('workflow.stopping', `Workflow ${state.workflowId} is being stopped: ${state.stopping.reason}`);
  if (step.attempt !== attempt || step.state !== 'READY' || step.lacksToolSince !== null) {
    throw new DomainError(
      'step.not-ready',
      `Attempt ${attempt} of step ${stepId} is not ready to start: the step is ${step.state}, attempt ${step.attempt}.`,
    );
  }
  const { name, tool, toolVersion } = step.plan;
  // A shadow calls nothing, under no key.
  const call = state.fork ? { shadow: true as const } : { idempotencyKey: idempotencyKeyOf(state, step) };
  return [
    {
      type: 'StepStarted',
      data: { workflowId: state.workflowId, at: now, stepId, name, attempt, tool, toolVersion, worker, ...call },
    },
  ];
}
