import { Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { stepOf } from '../../domain/workflow/workflow.state.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { Actor } from '../ports/event-log.js';
import { ApprovalAddresses } from './approval-addresses.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface ApprovalDecision {
  readonly approvalId: number;
  readonly decidedBy: number;
  readonly reason?: string;
  /** Hash of the arguments that were shown to the decider; a decision over others is refused. */
  readonly argsHash?: string;
  readonly actor: Actor;
}

/** An approval with the decision that is recorded of it: where that was taken before, the first one and not the repeat. */
export interface DecidedApproval {
  readonly approvalId: number;
  readonly workflowId: number;
  readonly status: 'approved' | 'rejected';
  readonly decidedBy: number;
  readonly decidedAt: string;
  /** The recorded reason; null where the decider gave none. */
  readonly reason: string | null;
  /** The command repeats a decision that was recorded before it: nothing of it is. */
  readonly alreadyDecided: boolean;
  readonly position: bigint;
}

/** Lets a blocked step run. A repeat answers with the first decision. @throws DomainError approval.* */
export class ApproveStep extends Command<DecidedApproval> {
  constructor(readonly decision: ApprovalDecision) {
    super();
  }
}

/** Skips a blocked step and what depends on it. A repeat answers with the first decision. @throws DomainError approval.* */
export class RejectStep extends Command<DecidedApproval> {
  constructor(readonly decision: ApprovalDecision) {
    super();
  }
}

/** Takes a decision to the run it belongs to. */
@Injectable()
export class ApprovalDecisions {
  constructor(
    private readonly addresses: ApprovalAddresses,
    private readonly decisions: WorkflowDecisions,
  ) {}

  async decide(type: 'ApproveStep' | 'RejectStep', { actor, ...decision }: ApprovalDecision): Promise<DecidedApproval> {
    const { approvalId } = decision;
    const address = await this.addresses.find(approvalId);
    if (!address) throw new DomainError('approval.not-found', `There is no approval ${approvalId}.`);
    const { workflowId, stepId } = address;
    const { events, state, position } = await this.decisions.execute(workflowId, { type, data: { ...decision, stepId } }, { actor });
    const approval = stepOf(state, stepId)!.approval!;
    return {
      approvalId,
      workflowId,
      status: type === 'ApproveStep' ? 'approved' : 'rejected',
      decidedBy: approval.decidedBy!,
      decidedAt: approval.decidedAt!,
      reason: approval.decisionReason,
      alreadyDecided: events.length === 0,
      position,
    };
  }
}

@CommandHandler(ApproveStep)
export class ApproveStepHandler implements ICommandHandler<ApproveStep> {
  constructor(private readonly approvals: ApprovalDecisions) {}

  execute({ decision }: ApproveStep): Promise<DecidedApproval> {
    return this.approvals.decide('ApproveStep', decision);
  }
}

@CommandHandler(RejectStep)
export class RejectStepHandler implements ICommandHandler<RejectStep> {
  constructor(private readonly approvals: ApprovalDecisions) {}

  execute({ decision }: RejectStep): Promise<DecidedApproval> {
    return this.approvals.decide('RejectStep', decision);
  }
}
