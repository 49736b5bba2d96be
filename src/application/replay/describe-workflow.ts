import type { JsonObject } from '../../domain/json.js';
import { isFinalRunState, isSettledStepState, type ApprovalStatus, type StepState } from '../../domain/workflow/lifecycle.js';
import { waitsOf } from '../../domain/workflow/waiting.js';
import type { ApprovalRecord, StepRecord, WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { WorkflowSnapshot } from '../workflow/workflow-history.js';

/** The end of a run cancels every step that is not settled, without an event for each. */
export const stepStateIn = (run: WorkflowState, step: StepRecord): StepState =>
  (run.state === 'CANCELLED' || run.state === 'FAILED') && !isSettledStepState(step.state) ? 'CANCELLED' : step.state;

const approvalStatusIn = (run: WorkflowState, { status }: ApprovalRecord): ApprovalStatus =>
  status === 'required' && (isFinalRunState(run.state!) || run.stopping) ? 'void' : status;

function describeStep(run: WorkflowState, step: StepRecord): JsonObject {
  const { plan, lastStarted, args, output, error, retryDueAt, startedAt, finishedAt } = step;
  const state = stepStateIn(run, step);
  return {
    step_id: plan.stepId,
    key: plan.key,
    name: plan.name,
    tool: plan.tool,
    tool_version: plan.toolVersion,
    risk_level: plan.riskLevel,
    state,
    depends_on: plan.dependsOn,
    attempts: lastStarted,
    args: args ?? plan.args,
    output,
    error: error && { ...error },
    skip_cause: step.skipCause,
    retry_due_at: retryDueAt,
    started_at: startedAt,
    finished_at: state === 'CANCELLED' ? run.finishedAt : finishedAt,
  };
}

function describeApproval(run: WorkflowState, step: StepRecord, approval: ApprovalRecord): JsonObject {
  const { approvalId, argsHash, requestedAt, decidedBy, decidedAt } = approval;
  return {
    approval_id: approvalId,
    step_id: step.plan.stepId,
    status: approvalStatusIn(run, approval),
    args_hash: argsHash,
    requested_at: requestedAt,
    decided_by: decidedBy,
    decided_at: decidedAt,
  };
}

/** A run at a revision as JSON, in the words of the HTTP API. */
export function describeWorkflow({ state: run, revision }: WorkflowSnapshot): JsonObject {
  const steps = [...run.steps];
  return {
    workflow_id: run.workflowId,
    user_id: run.userId,
    intent: run.intent,
    state: run.state ?? null,
    reason: run.reason,
    on_failure: run.onFailure,
    priority: run.priority,
    start_at: run.startAt,
    deadline: run.deadline,
    rerun_of: run.rerunOf,
    compensates: run.compensates,
    fork_of: run.fork?.workflowId ?? null,
    shadow: run.fork !== null,
    schedule_id: run.schedule?.scheduleId ?? null,
    scheduled_for: run.schedule?.scheduledFor ?? null,
    revision,
    created_at: run.createdAt,
    finished_at: run.finishedAt,
    waiting_for: waitsOf(run).map(({ kind, stepId, since, until, approvalId }) => ({
      kind,
      step_id: stepId,
      since,
      until,
      approval_id: approvalId,
    })),
    steps: steps.map((step) => describeStep(run, step)),
    approvals: steps.flatMap((step) =>
      [...step.formerApprovals, ...(step.approval ? [step.approval] : [])].map((approval) => describeApproval(run, step, approval)),
    ),
  };
}
