import { retryDelayMs } from '../../tool/retry-policy.js';
import type { StepError, WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import { INTERRUPTED_CODE } from '../lifecycle.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { mustBeOpen, mustExist, mustHaveStep } from './refusals.js';
import { withEnd } from './run-end.js';
import { failedForGood } from './step-failure.js';

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
  return withEnd(
    [
      {
        type: 'StepSucceeded',
        data: { workflowId: state.workflowId, at: now, stepId, name, attempt, output, ...(state.fork && { shadow: true }) },
      },
    ],
    state,
    now,
  );
}

/** Workers that a step may lose, beside the attempts that its tool's policy grants: a step that brings its process down does not do so for ever. */
export const MOST_INTERRUPTIONS = 10;

/** Longest time for which a tool can put off its next attempt, in milliseconds. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1_000;

/** What people are told of an error that leaves open whether the tool had its effect. */
const withDoubt = (error: StepError): StepError =>
  error.effect === 'unknown' ? { ...error, message: `${error.message} Whether the tool had its effect is unknown.` } : error;

/** Another attempt, or none: when attempts are used up, when it cannot help, and when it could do the same thing twice (invariant 20). */
export function recordStepFailure(
  data: WorkflowCommandData['RecordStepFailure'],
  state: WorkflowState,
  context: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, attempt, worker } = data;
  mustExist(state);
  // Whatever became of it, a shadow has called nothing.
  const error: StepError = state.fork ? { ...data.error, effect: 'none' } : data.error;
  const step = mustHaveStep(state, stepId);
  if (step.state === 'FAILED' && isRepeat(step, attempt, worker)) return [];
  mustBeOpen(state);
  mustRun(step, attempt, worker);
  const { workflowId } = state;
  const { name, retry, effect } = step.plan;
  const at = context.now;
  const failed: WorkflowEvent = { type: 'StepFailed', data: { workflowId, at, stepId, name, attempt, error } };
  if (state.stopping) return withEnd([failed], state, at);
  const mayDoubleEffect = effect === 'non-idempotent' && error.effect !== 'none';
  const isUsedUp = error.code === INTERRUPTED_CODE ? step.interruptions >= MOST_INTERRUPTIONS : step.tries >= retry.maxAttempts;
  if (!error.retryable || isUsedUp || mayDoubleEffect) {
    const final = mayDoubleEffect ? withDoubt(error) : error;
    return withEnd(failedForGood(step, final, step.starts, [failed], state, at), state, at);
  }
  // A tool that says when it can be asked again is not asked before.
  const delayMs = Math.max(
    retryDelayMs(retry, step.tries + step.interruptions, context.random()),
    Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS),
  );
  const dueAt = new Date(Date.parse(at) + delayMs).toISOString();
  return [failed, { type: 'StepRetryScheduled', data: { workflowId, at, stepId, name, attempt: attempt + 1, dueAt } }];
}
