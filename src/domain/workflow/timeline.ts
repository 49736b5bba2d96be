import type { JsonObject } from '../json.js';
import type { WorkflowEvent } from './events/workflow-events.js';

export const TIMELINE_TYPES = [
  'workflow_started',
  'workflow_planned',
  'step_ready',
  'step_running',
  'step_succeeded',
  'step_failed',
  'step_retry_scheduled',
  'step_blocked',
  'approval_required',
  'approval_granted',
  'approval_rejected',
  'step_skipped',
  'step_dead_lettered',
  'workflow_cancelled',
  'workflow_failed',
  'workflow_complete',
] as const;
export type TimelineType = (typeof TIMELINE_TYPES)[number];

const FINAL_TYPES: readonly string[] = ['workflow_cancelled', 'workflow_failed', 'workflow_complete'] satisfies readonly TimelineType[];

/** Whether an entry of the type is the last one of its run. */
export const isFinalTimelineType = (type: TimelineType): boolean => FINAL_TYPES.includes(type);

/** What a person reads of an event. `id` is the event's revision in the run's stream; it is the SSE id too. */
export interface TimelineEntry {
  readonly id: number;
  readonly type: TimelineType;
  readonly message: string;
  readonly stepId: number | null;
  readonly at: string;
  readonly data: JsonObject;
}

type Entry = Pick<TimelineEntry, 'type' | 'message' | 'data'>;

function entryOf(event: WorkflowEvent): Entry | undefined {
  switch (event.type) {
    case 'WorkflowSubmitted':
      return { type: 'workflow_started', message: `Workflow started: ${event.data.intent}`, data: { user_id: event.data.userId } };
    case 'PlanPartRecorded':
      return undefined;
    case 'WorkflowPlanned': {
      const { stepCount, planner } = event.data;
      return {
        type: 'workflow_planned',
        message: `Workflow planned: ${stepCount} step${stepCount === 1 ? '' : 's'}`,
        data: { step_count: stepCount, planner },
      };
    }
    case 'WorkflowFailed':
      return {
        type: 'workflow_failed',
        message: `Workflow failed: ${event.data.reason}`,
        data: { code: event.data.code, reason: event.data.reason },
      };
    case 'StepReady':
      return { type: 'step_ready', message: `Step ready: ${event.data.name}`, data: { attempt: event.data.attempt } };
    case 'StepStarted':
      return { type: 'step_running', message: `Step running: ${event.data.name}`, data: { attempt: event.data.attempt } };
    case 'StepSucceeded':
      return {
        type: 'step_succeeded',
        message: `Step succeeded: ${event.data.name}`,
        data: { attempt: event.data.attempt, output: event.data.output },
      };
    case 'StepFailed':
      return {
        type: 'step_failed',
        message: `Step failed: ${event.data.name}: ${event.data.error.message}`,
        data: { attempt: event.data.attempt, error: { ...event.data.error } },
      };
    case 'StepRetryScheduled':
      return {
        type: 'step_retry_scheduled',
        message: `Step retry scheduled: ${event.data.name} (attempt ${event.data.attempt})`,
        data: { attempt: event.data.attempt, due_at: event.data.dueAt },
      };
    case 'StepBlocked':
      return { type: 'step_blocked', message: `Step blocked: ${event.data.name}`, data: { reason: event.data.reason } };
    case 'ApprovalRequested': {
      const { approvalId, riskLevel, tool, args, argsHash, reason } = event.data;
      return {
        type: 'approval_required',
        message: `Approval required: ${reason}`,
        data: { approval_id: approvalId, risk_level: riskLevel, tool, args, args_hash: argsHash },
      };
    }
    case 'ApprovalGranted':
      return {
        type: 'approval_granted',
        message: `Approval granted: ${event.data.name}`,
        data: { approval_id: event.data.approvalId, decided_by: event.data.decidedBy },
      };
    case 'ApprovalRejected': {
      const { approvalId, decidedBy, reason } = event.data;
      return {
        type: 'approval_rejected',
        message: `Approval rejected: ${event.data.name}`,
        data: { approval_id: approvalId, decided_by: decidedBy, ...(reason === undefined ? {} : { reason }) },
      };
    }
    case 'StepSkipped':
      return { type: 'step_skipped', message: `Step skipped: ${event.data.name}`, data: { reason: event.data.reason } };
    case 'StepDeadLettered':
      return {
        type: 'step_dead_lettered',
        message: `Step dead-lettered: ${event.data.name}: ${event.data.error.message}`,
        data: { attempts: event.data.attempts, error: { ...event.data.error } },
      };
    case 'WorkflowCancelled':
      return { type: 'workflow_cancelled', message: `Workflow cancelled: ${event.data.reason}`, data: { reason: event.data.reason } };
    case 'WorkflowCompleted':
      return {
        type: 'workflow_complete',
        message: 'Workflow completed',
        data: { succeeded: event.data.succeeded, skipped: event.data.skipped },
      };
    default:
      return event satisfies never;
  }
}

/** The timeline entry of an event, or nothing where people need not see it. `revision` is the event's place in its stream. */
export function timelineEntry(event: WorkflowEvent, revision: number): TimelineEntry | undefined {
  const entry = entryOf(event);
  if (!entry) return undefined;
  return { id: revision, ...entry, stepId: 'stepId' in event.data ? event.data.stepId : null, at: event.data.at };
}
