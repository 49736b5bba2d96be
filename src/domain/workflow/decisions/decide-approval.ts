import type { WorkflowEvent } from '../events/workflow-events.js';
import { DECIDED_STATUS, isFinalRunState } from '../lifecycle.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import { approvalOf, stepOf, type StepRecord, type WorkflowState } from '../workflow.state.js';
import { withEnd } from './run-end.js';
import { mustExist } from './refusals.js';

type Decision = WorkflowCommandData['DecideApproval'];

/** The step whose open request is decided; undefined where the same decision was taken before. @throws DomainError approval.* */
function openRequest(data: Decision, state: WorkflowState): StepRecord | undefined {
  mustExist(state);
  const step = stepOf(state, data.stepId);
  const approval = step && approvalOf(step, data.approvalId);
  if (!step || !approval) throw new DomainError('approval.not-found', `There is no approval ${data.approvalId}.`);
  if (data.argsHash !== undefined && data.argsHash !== approval.argsHash) {
    throw new DomainError(
      'approval.stale-arguments',
      `The decision is about other arguments than those of approval ${data.approvalId}: read it again.`,
      ['argsHash'],
    );
  }
  if (approval.status === DECIDED_STATUS[data.verdict]) return undefined;
  if (approval.status !== 'required') {
    throw new DomainError(
      'approval.already-decided',
      `Approval ${data.approvalId} was ${approval.status} at ${approval.decidedAt} by ${approval.decidedBy}.`,
    );
  }
  if (isFinalRunState(state.state!) || state.stopping)
    throw new DomainError('approval.void', `Approval ${data.approvalId} is void: the workflow is ${state.state}.`);
  return step;
}

/** Approved, the step may run. Rejected, it is skipped; scheduling skips what depends on it. */
export function decideApproval(data: Decision, state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  const step = openRequest(data, state);
  if (!step) return [];
  const { approvalId, stepId, verdict, decidedBy, reason } = data;
  const of = { workflowId: state.workflowId, at: now, stepId, name: step.plan.name };
  const why = reason === undefined ? {} : { reason };
  if (verdict === 'approve') {
    return [{ type: 'ApprovalGranted', data: { ...of, approvalId, decidedBy, argsHash: step.approval!.argsHash, ...why } }];
  }
  const skipped = reason === undefined ? 'Its approval was rejected.' : `Its approval was rejected: ${reason}`;
  return withEnd(
    [
      { type: 'ApprovalRejected', data: { ...of, approvalId, decidedBy, ...why } },
      { type: 'StepSkipped', data: { ...of, cause: 'rejected', reason: skipped } },
    ],
    state,
    now,
  );
}
