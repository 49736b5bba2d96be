import type { PlannedStep } from '../../../domain/plan/plan.js';
import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import { isSettledStepState, STEP_STATES, type StepState } from '../../../domain/workflow/lifecycle.js';
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
  skipCause: null,
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
      return { ...row, state: 'BLOCKED', args: event.data.args };
    case 'StepWaitsForTool':
      return { ...row, state: 'READY' };
    case 'StepStarted':
      return { ...row, state: 'RUNNING', attempts: event.data.attempt, startedAt: row.startedAt ?? event.data.at };
    case 'StepOutputReused':
      return { ...row, state: 'SUCCEEDED', output: event.data.output, finishedAt: event.data.at };
    case 'StepSucceeded':
      return { ...row, state: 'SUCCEEDED', output: event.data.output, error: null, finishedAt: event.data.at };
    case 'StepFailed':
    case 'StepDeadLettered':
      return { ...row, state: 'FAILED', error: event.data.error };
    case 'StepSkipped':
      return {
        ...row,
        state: 'SKIPPED',
        skipCause: event.data.cause,
        finishedAt: event.data.at,
        ...(event.data.error && { error: event.data.error }),
      };
    case 'StepRetryRequested': {
      const { args, toolVersion, riskLevel } = event.data;
      return { ...row, state: 'PENDING', toolVersion, riskLevel, error: null, ...(args && { args }) };
    }
    // In what state the step is stays as it was, and is said: what happens to all steps of a run at once must know it.
    case 'StepRetryScheduled':
      return { ...row, state: 'FAILED' };
    case 'ApprovalReminded':
    case 'ApprovalGranted':
    case 'ApprovalRejected':
      return { ...row, state: 'BLOCKED' };
    case 'WorkflowSubmitted':
    case 'PlanPartRecorded':
    case 'WorkflowPlanned':
    case 'StartTimeReached':
    case 'WorkflowFailed':
    case 'StepResultRefused':
    case 'EventParked':
    case 'ParkedEventReplayed':
    case 'ParkedEventDropped':
    case 'WorkflowPaused':
    case 'WorkflowResumed':
    case 'WorkflowStopping':
    case 'WorkflowCancelled':
    case 'WorkflowCompleted':
      return row;
    default:
      return event satisfies never;
  }
}

/** What an event of a run does to all of its steps that are in some state. */
export interface StepSweep {
  readonly from: readonly StepState[];
  readonly to: StepState;
  /** When they end by it. */
  readonly finishedAt?: string;
}

const UNSETTLED = STEP_STATES.filter((state) => !isSettledStepState(state) && state !== 'CANCELLED');

/** Undefined for events that change one step, or none. */
export function sweepOf({ type, data }: WorkflowEvent): StepSweep | undefined {
  if (type === 'WorkflowPaused') return { from: ['READY'], to: 'PENDING' };
  if (type === 'WorkflowCancelled' || type === 'WorkflowFailed') return { from: UNSETTLED, to: 'CANCELLED', finishedAt: data.at };
  return undefined;
}

export const swept = <T extends Partial<WorkflowStepRow>>(row: T, { from, to, finishedAt }: StepSweep): T =>
  row.state !== undefined && from.includes(row.state) ? { ...row, state: to, ...(finishedAt === undefined ? {} : { finishedAt }) } : row;
