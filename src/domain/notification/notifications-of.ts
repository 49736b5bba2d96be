import { higherRisk, type RiskLevel } from '../risk/risk-level.js';
import type { JsonObject } from '../json.js';
import type { WorkflowEvent, WorkflowEventType } from '../workflow/events/workflow-events.js';
import { standsStill, waitsOf } from '../workflow/waiting.js';
import { stepOf, type StepRecord, type WorkflowState } from '../workflow/workflow.state.js';
import type { Notification, NotificationType, Page, Subject, Told } from './notification.js';

/** Events after which a run may stand still, or of which people are told by themselves: the consumer group's, so never change it without another group. */
export const TOLD_EVENT_TYPES = [
  'WorkflowPlanned',
  'WorkflowFailed',
  'StepSucceeded',
  'StepFailed',
  'StepWaitsForTool',
  'StepBlocked',
  'ApprovalRequested',
  'ApprovalReminded',
  'ApprovalGranted',
  'ApprovalRejected',
  'StepSkipped',
  'StepDeadLettered',
  'EventParked',
  'ParkedEventReplayed',
  'ParkedEventDropped',
  'WorkflowPaused',
  'WorkflowCancelled',
  'WorkflowCompleted',
] as const satisfies readonly WorkflowEventType[];

/** Longest text of a person's or a tool's own that a notification repeats, in characters. */
const LONGEST_TEXT = 300;
/** Things that hold a run that a notification names. */
const MOST_WAITS = 20;

const short = (text: string): string => (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`);

const riskOf = (steps: readonly StepRecord[]): RiskLevel | null =>
  steps.reduce<RiskLevel | null>((risk, { plan }) => (risk === null ? plan.riskLevel : higherRisk(risk, plan.riskLevel)), null);

function told(
  run: WorkflowState,
  at: string,
  type: NotificationType,
  title: string,
  page: Page,
  data: JsonObject,
  about: readonly StepRecord[],
  waits: Subject['waits'] = [],
): Told {
  const { workflowId, userId, intent } = run;
  const notification: Notification<NotificationType> = {
    ...{ type, at, title: short(title), page },
    data: { workflow_id: workflowId, user_id: userId, intent: short(intent), ...data },
  };
  const tools = [...new Set(about.map(({ plan }) => plan.tool))];
  return { notification, subject: { userId, tools, risk: riskOf(about), waits } };
}

/** What an event itself tells. */
function ofEvent({ type, data }: WorkflowEvent, run: WorkflowState): Told | undefined {
  const page: Page = `/runs/${run.workflowId}`;
  const every = (): readonly StepRecord[] => [...run.steps];
  const one = (stepId: number): readonly StepRecord[] => {
    const step = stepOf(run, stepId);
    return step ? [step] : [];
  };
  switch (type) {
    case 'ApprovalRequested': {
      const { stepId, name, approvalId, tool, riskLevel, reason } = data;
      const more = { approval_id: approvalId, step_id: stepId, step_name: name, tool, risk_level: riskLevel, reason: short(reason) };
      const subject = { userId: run.userId, tools: [tool], risk: riskLevel, waits: [] };
      const title = `Approval needed: ${name} (${tool}, ${riskLevel})`;
      return { ...told(run, data.at, 'approval.required', title, `/approvals/${approvalId}`, more, []), subject };
    }
    case 'ApprovalReminded': {
      const { stepId, name, approvalId, requestedAt, reminder } = data;
      const more = { approval_id: approvalId, step_id: stepId, step_name: name, requested_at: requestedAt, reminder };
      return told(run, data.at, 'approval.reminded', `Approval still needed: ${name}`, `/approvals/${approvalId}`, more, one(stepId));
    }
    case 'ApprovalGranted':
    case 'ApprovalRejected': {
      const { stepId, name, approvalId, decidedBy } = data;
      const decision = type === 'ApprovalGranted' ? 'approved' : 'rejected';
      const more = { approval_id: approvalId, step_id: stepId, step_name: name, decision, decided_by: decidedBy };
      const title = `Approval ${decision} by user ${decidedBy}: ${name}`;
      return told(run, data.at, 'approval.decided', title, `/approvals/${approvalId}`, more, one(stepId));
    }
    case 'StepDeadLettered': {
      const { stepId, name, tool, attempts, error } = data;
      const more = {
        ...{ step_id: stepId, step_name: name, tool, attempts },
        error: { code: error.code, message: short(error.message) },
      };
      return told(run, data.at, 'dead_letter', `Failed for good: ${name} (${tool}): ${error.code}`, page, more, one(stepId));
    }
    case 'WorkflowFailed': {
      const more = { state: 'FAILED', code: data.code, reason: short(data.reason) };
      return told(run, data.at, 'run.failed', `Run ${run.workflowId} failed: ${data.reason}`, page, more, every());
    }
    case 'WorkflowCancelled': {
      const more = { state: 'CANCELLED', reason: short(data.reason) };
      return told(run, data.at, 'run.finished', `Run ${run.workflowId} was cancelled: ${data.reason}`, page, more, every());
    }
    case 'WorkflowCompleted': {
      const { succeeded, skipped } = data;
      const more = { state: 'SUCCEEDED', succeeded, skipped };
      return told(run, data.at, 'run.finished', `Run ${run.workflowId} is complete: ${run.intent}`, page, more, every());
    }
    default:
      return undefined;
  }
}

/**
 * What people are to be told of an event. Pure: the same for every delivery of the event, but for whether the run stands still, which only its last event can tell.
 * @param run as it is now, the event included
 * @param isLast nothing has happened in the run since
 */
export function notificationsOf(event: WorkflowEvent, run: WorkflowState, isLast: boolean): readonly Told[] {
  const own = ofEvent(event, run);
  const all = own ? [own] : [];
  if (!isLast || !standsStill(run)) return all;
  const waits = waitsOf(run);
  if (waits.length === 0) return all;
  const held = waits.flatMap(({ stepId }) => (stepId === null ? [] : [stepOf(run, stepId)!]));
  const listed = waits.slice(0, MOST_WAITS).map(({ kind, stepId, approvalId }) => ({
    kind,
    ...(stepId === null ? {} : { step_id: stepId }),
    ...(approvalId === null ? {} : { approval_id: approvalId }),
  }));
  const kinds = [...new Set(waits.map(({ kind }) => kind))];
  const title = `Run ${run.workflowId} stands still (${kinds.join(', ')}): ${run.intent}`;
  const about = held.length > 0 ? held : [...run.steps];
  const data = { waiting_for: listed };
  return [...all, told(run, event.data.at, 'run.waiting', title, `/runs/${run.workflowId}`, data, about, kinds)];
}
