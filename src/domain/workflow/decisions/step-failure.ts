import type { StepError, WorkflowEvent } from '../events/workflow-events.js';
import { evolveAll } from '../evolve.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { stopRun } from './run-end.js';

/**
 * What follows when a step has failed for good, by the run's policy. `before` is what is decided already and led to it.
 * @param attempts made in all; 0 where the tool was never called
 */
export function failedForGood(
  step: StepRecord,
  error: StepError,
  attempts: number,
  before: readonly WorkflowEvent[],
  state: WorkflowState,
  now: string,
): readonly WorkflowEvent[] {
  const { workflowId, onFailure } = state;
  const { stepId, name, tool, args: plannedArgs } = step.plan;
  const of = { workflowId, at: now, stepId, name };
  if (onFailure === 'skip') {
    return [...before, { type: 'StepSkipped', data: { ...of, cause: 'failure', reason: `It failed: ${error.message}`, error } }];
  }
  const args = step.args ?? plannedArgs;
  const letter: WorkflowEvent = { type: 'StepDeadLettered', data: { ...of, tool, attempts, args, error } };
  const events = [...before, letter];
  if (onFailure === 'wait') return events;
  const stop = { endsAs: 'FAILED', code: 'step.failed', reason: `Step "${name}" failed: ${error.message}` } as const;
  return [...events, stopRun(stop, evolveAll(state, events), now)];
}
