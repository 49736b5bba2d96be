import type { ApprovalView, RunOutcome, WorkflowView } from '../../../../src/application/ports/read-models.js';
import { isFinalRunState, isSettledStepState } from '../../../../src/domain/workflow/lifecycle.js';
import { waitsOf } from '../../../../src/domain/workflow/waiting.js';
import type { StepRecord, WorkflowState } from '../../../../src/domain/workflow/workflow.state.js';

/** Postgres holds no U+0000, and UTF-8 no lone surrogate: text columns have U+FFFD for each. */
export const stored = (text: string): string => Buffer.from(text.replaceAll('\0', '\uFFFD')).toString('utf8');

/** How the steps of a run ended, counted one by one. */
function expectedOutcome(run: WorkflowState): RunOutcome | null {
  if (!isFinalRunState(run.state!)) return null;
  const count = { succeeded: 0, skipped: 0, rejected: 0, failed: 0, cancelled: 0 };
  for (const { state, skipCause } of run.steps) {
    if (state === 'SUCCEEDED') count.succeeded += 1;
    else if (state === 'FAILED' || skipCause === 'failure') count.failed += 1;
    else if (state === 'SKIPPED') count[skipCause === 'rejected' ? 'rejected' : 'skipped'] += 1;
    else count.cancelled += 1;
  }
  return count;
}

/** What the `workflows` read model must answer of a run, by the domain's own fold. */
export function expectedWorkflow(run: WorkflowState, revision: number): WorkflowView {
  const isCancelled = (step: StepRecord): boolean =>
    (run.state === 'CANCELLED' || run.state === 'FAILED') && !isSettledStepState(step.state);
  return {
    workflowId: run.workflowId,
    userId: run.userId,
    intent: stored(run.intent),
    state: run.state!,
    revision,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    reason: run.reason === null ? null : stored(run.reason),
    stepCount: run.steps.length,
    waitingFor: waitsOf(run),
    outcome: expectedOutcome(run),
    rerunOf: run.rerunOf,
    compensates: run.compensates,
    forkOf: run.fork?.workflowId ?? null,
    forks: [],
    compensatedBy: null,
    scheduleId: run.schedule?.scheduleId ?? null,
    scheduledFor: run.schedule?.scheduledFor ?? null,
    deadline: run.deadline,
    onFailure: run.onFailure,
    priority: run.priority,
    startAt: run.startAt,
    reruns: [],
    steps: [...run.steps].map((step) => ({
      stepId: step.plan.stepId,
      key: step.plan.key,
      name: stored(step.plan.name),
      tool: step.plan.tool,
      toolVersion: step.plan.toolVersion,
      riskLevel: step.plan.riskLevel,
      state: isCancelled(step) ? 'CANCELLED' : step.state,
      dependsOn: step.plan.dependsOn,
      attempts: step.lastStarted,
      args: step.args ?? step.plan.args,
      output: step.output,
      error: step.error,
      skipCause: step.skipCause,
      startedAt: step.startedAt,
      finishedAt: isCancelled(step) ? run.finishedAt : step.finishedAt,
    })),
  };
}

/** An approval as far as the domain's state knows it. */
export type ExpectedApproval = Pick<
  ApprovalView,
  'approvalId' | 'workflowId' | 'stepId' | 'stepName' | 'tool' | 'status' | 'args' | 'argsHash' | 'requestedAt' | 'decidedAt' | 'decidedBy'
>;

export const expectedApprovals = (run: WorkflowState): ExpectedApproval[] =>
  [...run.steps]
    .flatMap(({ plan, args, approval }): ExpectedApproval[] => {
      if (!approval) return [];
      const { approvalId, argsHash, requestedAt, decidedAt, decidedBy } = approval;
      const status = approval.status === 'required' && (isFinalRunState(run.state!) || run.stopping) ? 'void' : approval.status;
      const { stepId, tool } = plan;
      const of = { workflowId: run.workflowId, stepId, stepName: stored(plan.name), tool, args: args! };
      return [{ ...of, approvalId, status, argsHash, requestedAt, decidedAt, decidedBy }];
    })
    .sort((a, b) => a.approvalId - b.approvalId);
