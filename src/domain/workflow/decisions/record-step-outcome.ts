import { retryDelayMs } from '../../tool/retry-policy.js';
import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { withCompletion } from './completion.js';
import { mustBeOpen, mustExist, mustHaveStep } from './refusals.js';

/** @throws DomainError step.attempt-not-running: the attempt has an outcome already, or is another worker's */
function mustRun(step: StepRecord, attempt: number, worker: string): void {
  if (step.state !== 'RUNNING' || step.attempt !== attempt || step.worker !== worker) {
    const message = `Attempt ${attempt} of step ${step.plan.stepId} is not running at ${worker}: the step is ${step.state}, attempt ${step.attempt}.`;
    throw new DomainError('step.attempt-not-running', message);
  }
}

const isRepeat = (step: StepRecord, attempt: number, worker: string): boolean => step.attempt === attempt && step.worker === worker;

export function recordStepSuccess(
  data: WorkflowCommandData['RecordStepSuccess'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, attempt, worker, output } = data;
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  if (step.state === 'SUCCEEDED' && isRepeat(step, attempt, worker)) return [];
  mustBeOpen(state);
  mustRun(step, attempt, worker);
  const { name } = step.plan;
  return withCompletion(
    [{ type: 'StepSucceeded', data: { workflowId: state.workflowId, at: now, stepId, name, attempt, output } }],
    state,
    now,
  );
}

/**
 * Errors that the engine itself reports (a lost worker, a time-out, an exception the tool did not explain) leave open whether the tool had its effect.
 * A tool's own errors say that it did not.
 */
const leavesEffectUnknown = (code: string): boolean => code.startsWith('attempt.') || code.startsWith('tool.');

/** Another attempt, or none: when attempts are used up, when it cannot help, and when it could do the same thing twice (invariant 20). */
export function recordStepFailure(
  data: WorkflowCommandData['RecordStepFailure'],
  state: WorkflowState,
  context: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, attempt, worker, error } = data;
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  if (step.state === 'FAILED' && isRepeat(step, attempt, worker)) return [];
  mustBeOpen(state);
  mustRun(step, attempt, worker);
  const { workflowId } = state;
  const { name, tool, retry, effect, args: plannedArgs } = step.plan;
  const at = context.now;
  const failed = { type: 'StepFailed', data: { workflowId, at, stepId, name, attempt, error } } as const;
  const mayDoubleEffect = effect === 'non-idempotent' && leavesEffectUnknown(error.code);
  if (!error.retryable || attempt >= retry.maxAttempts || mayDoubleEffect) {
    const final = mayDoubleEffect ? { ...error, message: `${error.message} Whether the tool had its effect is unknown.` } : error;
    const args = step.args ?? plannedArgs;
    return [failed, { type: 'StepDeadLettered', data: { workflowId, at, stepId, name, tool, attempts: attempt, args, error: final } }];
  }
  const dueAt = new Date(Date.parse(at) + retryDelayMs(retry, attempt, context.random())).toISOString();
  return [failed, { type: 'StepRetryScheduled', data: { workflowId, at, stepId, name, attempt: attempt + 1, dueAt } }];
}
