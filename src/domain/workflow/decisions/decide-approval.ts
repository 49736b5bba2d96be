import type { WorkflowEvent } from '../events/workflow-events.js';
import { isFinalRunState } from '../lifecycle.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import { stepOf, type StepRecord, type WorkflowState } from '../workflow.state.js';
import { mustExist } from './refusals.js';

type Decision = WorkflowCommandData['ApproveStep'];

/** The step whose open request is decided; undefined where the same decision was taken before. @throws DomainError approval.* */
function openRequest(data: Decision, verdict: 'approved' | 'rejected', state: WorkflowState): StepRecord | undefined {
  mustExist(state);
  const step = stepOf(state, data.stepId);
  const approval = step?.approval;
  if (!step || approval?.approvalId !== data.approvalId)
    throw new DomainError('approval.not-found', `There is no approval ${data.approvalId}.`);
  if (data.argsHash !== undefined && data.argsHash !== approval.argsHash) {
    throw new DomainError(
      'approval.stale-arguments',
      `The decision is about other arguments than those of approval ${data.approvalId}: read it again.`,
      '/args_hash',
    );
  }
  if (approval.status === verdict) return undefined;
  if (approval.status !== 'required') {
    throw new DomainError(
      'approval.already-decided',
      `Approval ${data.approvalId} was ${approval.status} at ${approval.decidedAt} by ${approval.decidedBy}.`,
    );
  }
  if (isFinalRunState(state.state!))
    throw new DomainError('approval.void', `Approval ${data.approvalId} is void: the workflow is ${state.state}.`);
  return step;
}

export function approveStep(data: Decision, state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  const step = openRequest(data, 'approved', state);
  if (!step) return [];
  const { approvalId, stepId, decidedBy, reason } = data;
  const { argsHash } = step.approval!;
  const of = { workflowId: state.workflowId, at: now, stepId, name: step.plan.name };
  return [{ type: 'ApprovalGranted', data: { ...of, approvalId, decidedBy, argsHash, ...(reason === undefined ? {} : { reason }) } }];
}

/** The step is skipped; scheduling skips what depends on it. */
export function rejectStep(data: Decision, state: WorkflowState, { now }: DecisionContext): readonly WorkflowEvent[] {
  const step = openRequest(data, 'rejected', state);
  if (!step) return [];
  const { approvalId, stepId, decidedBy, reason } = data;
  const of = { workflowId: state.workflowId, at: now, stepId, name: step.plan.name };
  return [
    { type: 'ApprovalRejected', data: { ...of, approvalId, decidedBy, ...(reason === undefined ? {} : { reason }) } },
    {
      type: 'StepSkipped',
      data: { ...of, reason: reason === undefined ? 'Its approval was rejected.' : `Its approval was rejected: ${reason}` },
    },
  ];
}
