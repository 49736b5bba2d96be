import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import type { ApprovalThreshold } from '../../../src/domain/risk/approval-policy.js';
import type { StepError } from '../../../src/domain/workflow/events/workflow-events.js';
import type { FailurePolicy, Priority, ToolLack } from '../../../src/domain/workflow/lifecycle.js';
import type { WorkflowCommand, WorkflowCommandData } from '../../../src/domain/workflow/workflow.commands.js';
import { plannedStep } from './planned-steps.js';

export const BROKEN: StepError = { code: 'mail.rejected', message: 'The mail was rejected.', retryable: true, effect: 'none' };
export const HOPELESS: StepError = { code: 'mail.unknown-address', message: 'There is no such address.', retryable: false, effect: 'none' };
/** The worker was lost. */
export const LOST: StepError = { code: 'attempt.interrupted', message: 'gone', retryable: true, effect: 'unknown' };
export const TIMED_OUT: StepError = {
  code: 'attempt.timed-out',
  message: 'The attempt took too long.',
  retryable: true,
  effect: 'unknown',
};

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

export const submit = (
  steps?: readonly PlannedStep[],
  approvalFrom: ApprovalThreshold = 'L3',
  intent = 'Do it',
  onFailure?: FailurePolicy,
  more: { readonly startAt?: string; readonly deadline?: string; readonly priority?: Priority } = {},
): WorkflowCommand => ({
  type: 'SubmitIntent',
  data: {
    ...more,
    userId: 7,
    intent,
    approvalFrom,
    timeZone: 'UTC',
    keyPrefix: 'run',
    ...(steps ? { steps } : {}),
    ...(onFailure ? { onFailure } : {}),
  },
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
export const refuseResult = (stepId: number, { attempt = 1, worker = 'w1' }: Attempt = {}, output: Json = {}): WorkflowCommand => ({
  type: 'RefuseStepResult',
  data: { stepId, attempt, worker, result: { output } },
});
export const retry = (stepId: number, attempt: number): WorkflowCommand => ({ type: 'RetryStep', data: { stepId, attempt } });
export const remind = (approvalId: number, reminder = 1): WorkflowCommand => ({
  type: 'RemindApproval',
  data: { approvalId, stepId: 1, reminder },
});
export const approve = (approvalId: number, { stepId = 1, decidedBy = 9, ...rest }: Decision = {}): WorkflowCommand => ({
  type: 'DecideApproval',
  data: { approvalId, stepId, verdict: 'approve', decidedBy, ...rest },
});
export const reject = (approvalId: number, { stepId = 1, decidedBy = 9, ...rest }: Decision = {}): WorkflowCommand => ({
  type: 'DecideApproval',
  data: { approvalId, stepId, verdict: 'reject', decidedBy, ...rest },
});
export const cancel = (reason = 'Changed my mind'): WorkflowCommand => ({ type: 'CancelWorkflow', data: { reason, cancelledBy: 7 } });
export const cancelAndUndo: WorkflowCommand = { type: 'CancelWorkflow', data: { reason: 'Undo it', cancelledBy: 7, compensate: true } };
export const giveUp = (reason = 'No way on'): WorkflowCommand => ({ type: 'GiveUpWorkflow', data: { reason, decidedBy: 7 } });
export const pause: WorkflowCommand = { type: 'PauseWorkflow', data: { reason: 'Wait', decidedBy: 7 } };
export const resume: WorkflowCommand = { type: 'ResumeWorkflow', data: { decidedBy: 7 } };
export const endStopping: WorkflowCommand = { type: 'EndStopping', data: {} };

type ToolNow = WorkflowCommandData['RetryDeadLetter']['tool'];
const { toolVersion, riskLevel, effect, timeoutMs, retry: retryPolicy } = plannedStep(1);
export const TOOL_NOW: ToolNow = { toolVersion, riskLevel, effect, timeoutMs, retry: retryPolicy };

export const tryAgain = (stepId: number, args?: JsonObject, tool: Partial<ToolNow> = {}): WorkflowCommand => ({
  type: 'RetryDeadLetter',
  data: { stepId, tool: { ...TOOL_NOW, ...tool }, decidedBy: 7, reason: 'Once more', ...(args && { args }) },
});
export const skip = (stepId: number, reason?: string): WorkflowCommand => ({
  type: 'SkipDeadLetter',
  data: { stepId, decidedBy: 7, ...(reason === undefined ? {} : { reason }) },
});
export const complete = (stepId: number, output: Json = { by: 'hand' }): WorkflowCommand => ({
  type: 'CompleteDeadLetter',
  data: { stepId, output, decidedBy: 7, reason: 'Did it myself' },
});
export const waitForTool = (stepId: number, attempt = 1, because: ToolLack = 'absent'): WorkflowCommand => ({
  type: 'WaitForTool',
  data: { stepId, attempt, because },
});
export const offerTool = (stepId: number, attempt = 1): WorkflowCommand => ({ type: 'OfferTool', data: { stepId, attempt } });
export const park = (
  handler: string,
  revision: number,
  of: { readonly eventType?: string; readonly stepId?: number } = {},
): WorkflowCommand => ({
  type: 'ParkEvent',
  data: { handler, revision, eventType: 'WorkflowPlanned', tries: 40, reason: 'a defect', ...of },
});
const settle = (handler: string, revision: number, outcome: 'replayed' | 'dropped'): WorkflowCommand => ({
  type: 'SettleParkedEvent',
  data: { handler, revision, outcome, decidedBy: 7 },
});
export const replayParked = (handler: string, revision: number): WorkflowCommand => settle(handler, revision, 'replayed');
export const dropParked = (handler: string, revision: number): WorkflowCommand => settle(handler, revision, 'dropped');
export const readyAgain = (stepId: number, attempt = 1): WorkflowCommand => ({ type: 'MakeReadyAgain', data: { stepId, attempt } });
export const reachStartTime: WorkflowCommand = { type: 'ReachStartTime', data: {} };
export const missDeadline: WorkflowCommand = { type: 'MissDeadline', data: {} };
