import type { StepRecord, WorkflowState } from './workflow.state.js';

/** What the keys of a run begin with that was recorded without a prefix: unique within one event store only. */
export const keyPrefixOfRun = (workflowId: number): string => `workflow-${workflowId}`;

/**
 * The key under which a step's tool is called, the same for every attempt: outboxes and other services know the wanted effect by it, so never change how it is made. Other
 * arguments, where a person gives them to a step that failed, want another effect.
 */
export function idempotencyKeyOf({ workflowId, keyPrefix }: WorkflowState, { plan, edits }: StepRecord): string {
  const key = `${keyPrefix ?? keyPrefixOfRun(workflowId)}/step-${plan.stepId}`;
  return edits === 0 ? key : `${key}/edit-${edits}`;
}
