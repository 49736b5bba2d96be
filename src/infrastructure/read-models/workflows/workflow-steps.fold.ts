import type { PlannedStep } from '../../../domain/plan/plan.js';
import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { WorkflowStepRow } from './workflow-step.row.js';

export const plannedRow = (workflowId: number, step: PlannedStep): WorkflowStepRow => ({
  workflowId,
  stepId: step.stepId,
  key: step.key,
  name: step.name,
  tool: step.tool,
  toolVersion: step.toolVersion,
  riskLevel: step.riskLevel,
  state: 'PENDING',
  dependsOn: step.dependsOn,
  attempts: 0,
  args: step.args,
  output: null,
  error: null,
  startedAt: null,
  finishedAt: null,
});

/** The row of a step after an event about it, or as much as is known of the row. */
export function foldStep<T extends Partial<WorkflowStepRow>>(row: T, event: WorkflowEvent): T {
  switch (event.type) {
    case 'StepReady':
      return { ...row, state: 'READY', args: event.data.args };
    case 'StepBlocked':
      return { ...row, state: 'BLOCKED' };
    case 'ApprovalRequested':
      return { ...row, args: event.data.args };
    case 'StepStarted':
      return { ...row, state: 'RUNNING', attempts: event.data.attempt, startedAt: row.startedAt ?? event.data.at };
    case 'StepSucceeded':
      return { ...row, state: 'SUCCEEDED', output: event.data.output, error: null, finishedAt: event.data.at };
    case 'StepFailed':
    case 'StepDeadLettered':
      return { ...row, state: 'FAILED', error: event.data.error };
    case 'StepSkipped':
      return { ...row, state: 'SKIPPED', finishedAt: event.data.at };
    case 'StepRetryScheduled':
    case 'ApprovalGranted':
    case 'ApprovalRejected':
    case 'WorkflowSubmitted':
    case 'PlanPartRecorded':
    case 'WorkflowPlanned':
    case 'WorkflowFailed':
    case 'WorkflowCancelled':
    case 'WorkflowCompleted':
      return row;
    default:
      return event satisfies never;
  }
}

/** The row of a step that is not settled when its run is cancelled. */
export const cancelledStep = <T extends Partial<WorkflowStepRow>>(row: T, at: string): T =>
  row.state === 'SUCCEEDED' || row.state === 'SKIPPED' ? row : { ...row, state: 'CANCELLED', finishedAt: at };
