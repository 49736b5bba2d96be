import type { Json } from '../../../src/domain/json.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import type { ApprovalThreshold } from '../../../src/domain/risk/approval-policy.js';
import type { StepError } from '../../../src/domain/workflow/events/workflow-events.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';

export const BROKEN: StepError = { code: 'mail.rejected', message: 'The mail was rejected.', retryable: true };
export const HOPELESS: StepError = { code: 'mail.unknown-address', message: 'There is no such address.', retryable: false };
export const TIMED_OUT: StepError = { code: 'attempt.timed-out', message: 'The attempt took too long.', retryable: true };

interface Attempt {
  readonly attempt?: number;
  readonly worker?: string;
}

interface Decision {
  readonly stepId?: number;
  readonly decidedBy?: number;
  readonly argsHash?: string;
  readonly reason?: string;
}

export const submit = (steps?: readonly PlannedStep[], approvalFrom: ApprovalThreshold = 'L3', intent = 'Do it'): WorkflowCommand => ({
  type: 'SubmitIntent',
  data: { userId: 7, intent, approvalFrom, timeZone: 'UTC', ...(steps ? { steps } : {}) },
});
export const recordPlan = (...steps: readonly PlannedStep[]): WorkflowCommand => ({
  type: 'RecordPlan',
  data: { planner: 'rules', steps },
});
export const recordPlanFailure: WorkflowCommand = {
  type: 'RecordPlanFailure',
  data: { code: 'planner.no-plan', reason: 'Nothing to do.' },
};
export const schedule = (approvalIds: Readonly<Record<number, number>> = {}): WorkflowCommand => ({
  type: 'ScheduleReadySteps',
  data: { approvalIds: new Map(Object.entries(approvalIds).map(([stepId, id]) => [Number(stepId), id])) },
});
export const start = (stepId: number, { attempt = 1, worker = 'w1' }: Attempt = {}): WorkflowCommand => ({
  type: 'StartStep',
  data: { stepId, attempt, worker },
});
export const succeed = (stepId: number, output: Json = {}, { attempt = 1, worker = 'w1' }: Attempt = {}): WorkflowCommand => ({
  type: 'RecordStepSuccess',
  data: { stepId, attempt, worker, output },
});
export const fail = (stepId: number, error: StepError = BROKEN, { attempt = 1, worker = 'w1' }: Attempt = {}): WorkflowCommand => ({
  type: 'RecordStepFailure',
  data: { stepId, attempt, worker, error },
});
export const retry = (stepId: number, attempt: number): WorkflowCommand => ({ type: 'RetryStep', data: { stepId, attempt } });
export const approve = (approvalId: number, { stepId = 1, decidedBy = 9, ...rest }: Decision = {}): WorkflowCommand => ({
  type: 'DecideApproval',
  data: { approvalId, stepId, verdict: 'approve', decidedBy, ...rest },
});
export const reject = (approvalId: number, { stepId = 1, decidedBy = 9, ...rest }: Decision = {}): WorkflowCommand => ({
  type: 'DecideApproval',
  data: { approvalId, stepId, verdict: 'reject', decidedBy, ...rest },
});
export const cancel = (reason = 'Changed my mind'): WorkflowCommand => ({ type: 'CancelWorkflow', data: { reason, cancelledBy: 7 } });
