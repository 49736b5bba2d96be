import type { WorkflowEvent } from '../events/workflow-events.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';

/** A step that was ready before is ready again, with the same arguments, under a number of its own: deliveries of the old one may still come. */
export function readyAgain({ plan, attempt, args, argsHash }: StepRecord, { workflowId }: WorkflowState, now: string): WorkflowEvent {
  const { stepId, name, tool, toolVersion } = plan;
  const of = { workflowId, at: now, stepId, name, attempt: attempt + 1 };
  return { type: 'StepReady', data: { ...of, tool, toolVersion, args: args!, argsHash: argsHash! } };
}
