import type { ApprovalView, WaitView, WorkflowView } from '../../../../src/application/ports/read-models.js';
import { isFinalRunState } from '../../../../src/domain/workflow/lifecycle.js';
import type { StepRecord, WorkflowState } from '../../../../src/domain/workflow/workflow.state.js';

/** Postgres holds no U+0000, and UTF-8 no lone surrogate: text columns have U+FFFD for each. */
export const stored = (text: string): string => Buffer.from(text.replaceAll('\0', '\uFFFD')).toString('utf8');

type ExpectedWorkflow = Omit<WorkflowView, 'waitingFor'> & { readonly waitingFor: readonly Partial<WaitView>[] };

/** What holds a run, as far as its state knows it: when a step was given up is in the event alone. */
function expectedWaits({ state, steps }: WorkflowState): readonly Partial<WaitView>[] {
  if (isFinalRunState(state!)) return [];
  return [...steps].flatMap(({ plan: { stepId }, approval, deadLettered, retryDueAt }): readonly Partial<WaitView>[] => {
    if (approval?.status === 'required')
      return [{ kind: 'approval', stepId, since: approval.requestedAt, until: null, approvalId: approval.approvalId }];
    if (deadLettered) return [{ kind: 'dead_letter', stepId, until: null, approvalId: null }];
    return retryDueAt === null ? [] : [{ kind: 'retry', stepId, since: null, until: retryDueAt, approvalId: null }];
  });
}

/** What the `workflows` read model must answer of a run, by the domain's own fold. */
export function expectedWorkflow(run: WorkflowState, revision: number): ExpectedWorkflow {
  const isCancelled = (step: StepRecord): boolean => run.state === 'CANCELLED' && step.state !== 'SUCCEEDED' && step.state !== 'SKIPPED';
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
    waitingFor: expectedWaits(run),
    steps: [...run.steps].map((step) => ({
      stepId: step.plan.stepId,
      key: step.plan.key,
      name: stored(step.plan.name),
      tool: step.plan.tool,
      toolVersion: step.plan.toolVersion,
      riskLevel: step.plan.riskLevel,
      state: isCancelled(step) ? 'CANCELLED' : step.state,
      dependsOn: step.plan.dependsOn,
      attempts: step.state === 'READY' ? step.attempt - 1 : step.attempt,
      args: step.args ?? step.plan.args,
      output: step.output,
      error: step.error,
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
      const status = approval.status === 'required' && isFinalRunState(run.state!) ? 'void' : approval.status;
      const { stepId, tool } = plan;
      const of = { workflowId: run.workflowId, stepId, stepName: stored(plan.name), tool, args: args! };
      return [{ ...of, approvalId, status, argsHash, requestedAt, decidedAt, decidedBy }];
    })
    .sort((a, b) => a.approvalId - b.approvalId);
