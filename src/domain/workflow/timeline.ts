import type { JsonObject } from '../json.js';
import type { Compensated, Forked, ByHand, WorkflowEvent, WorkflowSubmitted } from './events/workflow-events.js';

export const TIMELINE_TYPES = [
  'workflow_started',
  'workflow_planned',
  'start_time_reached',
  'step_ready',
  'step_running',
  'step_waits_for_tool',
  'step_succeeded',
  'step_failed',
  'step_result_refused',
  'step_retry_scheduled',
  'step_blocked',
  'approval_required',
  'approval_reminded',
  'approval_granted',
  'approval_rejected',
  'step_skipped',
  'step_dead_lettered',
  'step_retry_requested',
  'event_parked',
  'parked_event_replayed',
  'parked_event_dropped',
  'workflow_paused',
  'workflow_resumed',
  'workflow_cancelling',
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

/** Who did it and why, in brackets after what was done. */
const because = ({ decidedBy, reason }: ByHand): string => {
  const said = [decidedBy === undefined ? undefined : `user ${decidedBy}`, reason].filter((part) => part !== undefined);
  return said.length === 0 ? '' : ` (${said.join(': ')})`;
};

/** What people must not take for something that happened. */
const shadowed = ({ shadow }: { readonly shadow?: true }): string => (shadow ? ' (a shadow: nothing is called)' : '');

function startOf({ intent, startAt, rerunOf, rerunBy = {}, compensates, fork }: WorkflowSubmitted): string {
  if (fork)
    return `Shadow started: ${intent} (of run ${fork.workflowId} from revision ${fork.revision} on; nothing is called)${because(fork)}`;
  const what = rerunOf === undefined ? `${intent}${because(compensates ?? {})}` : `${intent} (run ${rerunOf} again)${because(rerunBy)}`;
  return startAt === undefined ? `Workflow started: ${what}` : `Workflow submitted, to start at ${startAt}: ${what}`;
}

const compensatedOf = ({ workflowId, notUndone = [], ...act }: Compensated): JsonObject => ({
  compensates: workflowId,
  ...actOf(act),
  ...(notUndone.length > 0 && { not_undone: notUndone.map(({ stepId, name, reason }) => ({ step_id: stepId, name, reason })) }),
});

const forkedOf = ({ workflowId, revision, decisions, edited, ...act }: Forked): JsonObject => ({
  fork_of: workflowId,
  shadow: true,
  from_revision: revision,
  decisions,
  edited,
  ...actOf(act),
});

const submissionOf = ({
  userId,
  rerunOf,
  rerunBy = {},
  compensates,
  fork,
  schedule,
  startAt,
  deadline,
}: WorkflowSubmitted): JsonObject => ({
  user_id: userId,
  ...(rerunOf === undefined ? {} : { rerun_of: rerunOf, ...actOf(rerunBy) }),
  ...(compensates && compensatedOf(compensates)),
  ...(fork && forkedOf(fork)),
  ...(schedule && { schedule_id: schedule.scheduleId, ...(schedule.scheduledFor && { scheduled_for: schedule.scheduledFor }) }),
  ...(startAt === undefined ? {} : { start_at: startAt }),
  ...(deadline === undefined ? {} : { deadline }),
});

/** Who did it and why, as far as they said. */
const actOf = ({ decidedBy, reason }: ByHand): JsonObject => ({
  ...(decidedBy === undefined ? {} : { decided_by: decidedBy }),
  ...(reason === undefined ? {} : { reason }),
});

function entryOf(event: WorkflowEvent): Entry | undefined {
  switch (event.type) {
    case 'WorkflowSubmitted':
      return { type: 'workflow_started', message: startOf(event.data), data: submissionOf(event.data) };
    case 'PlanPartRecorded':
    case 'StepOutputReused':
      return undefined;
    case 'WorkflowPlanned': {
      const { stepCount, planner, reused } = event.data;
      const without =
        reused && reused.stepIds.length > 0 ? `, ${reused.stepIds.length} of them taken over from run ${reused.workflowId}` : '';
      return {
        type: 'workflow_planned',
        message: `Workflow planned: ${stepCount} step${stepCount === 1 ? '' : 's'}${without}`,
        data: {
          step_count: stepCount,
          planner,
          ...(reused && { reused_from: reused.workflowId, reused_steps: reused.stepIds }),
        },
      };
    }
    case 'StartTimeReached':
      return { type: 'start_time_reached', message: 'The start time has come', data: {} };
    case 'WorkflowFailed': {
      const { code, reason, decidedBy } = event.data;
      const by = decidedBy === undefined ? {} : { decided_by: decidedBy };
      return { type: 'workflow_failed', message: `Workflow failed: ${reason}`, data: { code, reason, ...by } };
    }
    case 'StepReady':
      return { type: 'step_ready', message: `Step ready: ${event.data.name}`, data: { attempt: event.data.attempt } };
    case 'StepStarted':
      return {
        type: 'step_running',
        message: `Step running${shadowed(event.data)}: ${event.data.name}`,
        data: { attempt: event.data.attempt, ...(event.data.shadow && { shadow: true }) },
      };
    case 'StepWaitsForTool': {
      const { name, attempt, tool, toolVersion, because } = event.data;
      const why = {
        absent: `Step waits for a node that has ${tool} ${toolVersion}`,
        paused: `Step waits while ${tool} is paused`,
        limited: `Step waits for room within a limit of ${tool} or its user`,
      }[because];
      return { type: 'step_waits_for_tool', message: `${why}: ${name}`, data: { attempt, tool, tool_version: toolVersion, because } };
    }
    case 'StepSucceeded': {
      const { name, attempt, output, byHand } = event.data;
      const message = byHand ? `Step completed by hand: ${name}${because(byHand)}` : `Step succeeded${shadowed(event.data)}: ${name}`;
      return {
        type: 'step_succeeded',
        message,
        data: { attempt, output, ...(event.data.shadow && { shadow: true }), ...(byHand ? { by_hand: true, ...actOf(byHand) } : {}) },
      };
    }
    case 'StepFailed':
      return {
        type: 'step_failed',
        message: `Step failed: ${event.data.name}: ${event.data.error.message}`,
        data: { attempt: event.data.attempt, error: { ...event.data.error } },
      };
    case 'StepResultRefused': {
      const { name, attempt, worker, outcome, output, error } = event.data;
      return {
        type: 'step_result_refused',
        message: `A result came too late and does not count: ${name} (attempt ${attempt} ${outcome})`,
        data: { attempt, worker, outcome, ...(output === undefined ? {} : { output }), ...(error && { error: { ...error } }) },
      };
    }
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
    case 'ApprovalReminded': {
      const { name, approvalId, requestedAt, reminder } = event.data;
      return {
        type: 'approval_reminded',
        message: `Still waiting for approval: ${name}`,
        data: { approval_id: approvalId, requested_at: requestedAt, reminder },
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
    case 'StepSkipped': {
      const { name, reason, cause, error, decidedBy } = event.data;
      const data = { reason, cause, ...(error && { error: { ...error } }), ...(decidedBy === undefined ? {} : { decided_by: decidedBy }) };
      const why = cause === 'person' ? because({ reason, ...(decidedBy === undefined ? {} : { decidedBy }) }) : '';
      return { type: 'step_skipped', message: `Step skipped: ${name}${why}`, data };
    }
    case 'StepRetryRequested': {
      const { name, args, argsHash, isEdited, riskLevel, toolVersion } = event.data;
      return {
        type: 'step_retry_requested',
        message: `Step to be tried again${isEdited ? ' with other arguments' : ''}: ${name}${because(event.data)}`,
        data: {
          ...(args && { args }),
          args_hash: argsHash,
          edited: isEdited,
          risk_level: riskLevel,
          tool_version: toolVersion,
          ...actOf(event.data),
        },
      };
    }
    case 'EventParked': {
      const { handler, revision, eventType, tries, reason } = event.data;
      return {
        type: 'event_parked',
        message: `Event parked: ${handler} cannot deal with ${eventType} (${revision}): ${reason}`,
        data: { handler, revision, event_type: eventType, tries, reason },
      };
    }
    case 'ParkedEventReplayed': {
      const { handler, revision } = event.data;
      const message = `Parked event replayed: ${handler} has dealt with event ${revision}${because(event.data)}`;
      return { type: 'parked_event_replayed', message, data: { handler, revision, ...actOf(event.data) } };
    }
    case 'ParkedEventDropped': {
      const { handler, revision } = event.data;
      const message = `Parked event dropped: ${handler}, event ${revision}${because(event.data)}`;
      return { type: 'parked_event_dropped', message, data: { handler, revision, ...actOf(event.data) } };
    }
    case 'WorkflowPaused':
      return { type: 'workflow_paused', message: `Workflow paused${because(event.data)}`, data: actOf(event.data) };
    case 'WorkflowResumed':
      return { type: 'workflow_resumed', message: `Workflow resumed${because(event.data)}`, data: actOf(event.data) };
    case 'WorkflowStopping': {
      const { reason, endsAs, until, code, compensate } = event.data;
      const message = endsAs === 'CANCELLED' ? `Workflow is being cancelled: ${reason}` : `Workflow is failing: ${reason}`;
      const data = { ends_as: endsAs, code, until, ...actOf(event.data), ...(compensate && { compensate }) };
      return { type: 'workflow_cancelling', message, data };
    }
    case 'StepDeadLettered':
      return {
        type: 'step_dead_lettered',
        message: `Step dead-lettered: ${event.data.name}: ${event.data.error.message}`,
        data: { attempts: event.data.attempts, error: { ...event.data.error } },
      };
    case 'WorkflowCancelled': {
      const { reason, cancelledBy, compensation } = event.data;
      const by = cancelledBy === undefined ? {} : { decided_by: cancelledBy };
      const { undo, keep } = compensation ?? { undo: [], keep: [] };
      const undone = compensation ? ` (steps to undo: ${undo.length}; that cannot be undone: ${keep.length})` : '';
      const data = { reason, ...by, ...(compensation && { compensation: { undo, keep } }) };
      return { type: 'workflow_cancelled', message: `Workflow cancelled: ${reason}${undone}`, data };
    }
    case 'WorkflowCompleted':
      return {
        type: 'workflow_complete',
        message: 'Workflow completed',
        data: {
          succeeded: event.data.succeeded,
          skipped: event.data.skipped - (event.data.rejected ?? 0) - (event.data.failed ?? 0),
          rejected: event.data.rejected ?? 0,
          failed: event.data.failed ?? 0,
        },
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
