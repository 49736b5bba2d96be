import { rejectionSkips, type RejectionSkips } from '../../domain/plan/rejection-skips.js';
import { lineOf, summaryOf } from '../../domain/tool/summary.js';
import { isIrreversible } from '../../domain/tool/undo.js';
import { sourcesOf, type ArgumentSource } from '../../domain/workflow/argument-sources.js';
import { stepOf, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { ApprovalView } from '../ports/read-models.js';
import type { Tools } from '../ports/tools.js';

/** An approval as its tool has it read. */
export interface ShownApproval extends ApprovalView {
  /** What would be done, in one line; the step's name where the tool does not say, or is here in another version. */
  readonly summary: string;
  /** JSON Pointers to the arguments that matter most, in order. */
  readonly shows: readonly string[];
  /** What is done stays done; null where the tool is not here in the version that would run. */
  readonly irreversible: boolean | null;
}

/** What a decision about it means. */
export interface ApprovalDetail extends ShownApproval {
  /** What is skipped with the step if it is rejected, or would have been. */
  readonly rejectionSkips: RejectionSkips;
  /** Where parts of the arguments came from. */
  readonly sources: readonly ArgumentSource[];
}

export function shownApproval(approval: ApprovalView, tools: Tools): ShownApproval {
  const manifest = tools.manifest(approval.tool);
  // Of another version nothing is known of what its arguments mean.
  const same = manifest?.version === approval.toolVersion ? manifest : undefined;
  return {
    ...approval,
    summary: (same && summaryOf(same, approval.args)) ?? lineOf(approval.stepName),
    shows: same?.shows ?? [],
    irreversible: same ? isIrreversible(same) : null,
  };
}

/** @param state of the approval's run, at or after its request */
export function approvalDetail(approval: ApprovalView, tools: Tools, state: WorkflowState): ApprovalDetail {
  const { stepId, args, toolVersion } = approval;
  const shown = shownApproval(approval, tools);
  const step = stepOf(state, stepId);
  if (!step) return { ...shown, rejectionSkips: { steps: [], count: 0 }, sources: [] };
  const [skips] = rejectionSkips(
    [...state.steps].map(({ plan }) => plan),
    [stepId],
  );
  return {
    ...shown,
    // The run's own record of the tool: what it can undo by.
    irreversible: step.plan.toolVersion === toolVersion ? isIrreversible(step.plan) : shown.irreversible,
    rejectionSkips: skips!,
    sources: sourcesOf(step, args, state),
  };
}
