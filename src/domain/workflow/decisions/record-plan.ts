import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import type { WorkflowState } from '../workflow.state.js';
import { planEvents } from './plan-parts.js';
import { mustExist } from './refusals.js';

/** The first answer of the planner counts; a later one (a repeat, or one that comes after a cancel) decides nothing. */
export function recordPlan(
  data: WorkflowCommandData['RecordPlan'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  if (state.state !== 'PLANNING') return [];
  const { parts, seal } = planEvents(state.workflowId, now, data.planner, data.steps);
  return [...parts, seal];
}

export function recordPlanFailure(
  data: WorkflowCommandData['RecordPlanFailure'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  if (state.state !== 'PLANNING') return [];
  return [{ type: 'WorkflowFailed', data: { workflowId: state.workflowId, at: now, code: data.code, reason: data.reason } }];
}
