import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DECIDED_STATUS, type ApprovalVerdict } from '../../domain/workflow/lifecycle.js';
import { approvalOf, stepOf } from '../../domain/workflow/workflow.state.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { Actor } from '../ports/event-log.js';
import { ApprovalAddresses } from './approval-addresses.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface ApprovalDecision {
  readonly approvalId: number;
  readonly verdict: ApprovalVerdict;
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

/** Lets a blocked step run, or skips it and what depends on it. A repeat answers with the first decision. @throws DomainError approval.* */
export class DecideApproval extends Command<DecidedApproval> {
  constructor(readonly decision: ApprovalDecision) {
    super();
  }
}

/** Takes a decision to the run it belongs to. */
@CommandHandler(DecideApproval)
export class DecideApprovalHandler implements ICommandHandler<DecideApproval> {
  constructor(
    private readonly addresses: ApprovalAddresses,
    private readonly decisions: WorkflowDecisions,
  ) {}

  async execute({ decision: { actor, ...decision } }: DecideApproval): Promise<DecidedApproval> {
    const { approvalId, verdict } = decision;
    const address = await this.addresses.find(approvalId);
    if (!address) throw new DomainError('approval.not-found', `There is no approval ${approvalId}.`);
    const { workflowId, stepId } = address;
    const command = { type: 'DecideApproval', data: { ...decision, stepId } } as const;
    const { events, state, position } = await this.decisions.execute(workflowId, command, { actor });
    const approval = approvalOf(stepOf(state, stepId)!, approvalId)!;
    return {
      approvalId,
      workflowId,
      status: DECIDED_STATUS[verdict],
      decidedBy: approval.decidedBy!,
      decidedAt: approval.decidedAt!,
      reason: approval.decisionReason,
      alreadyDecided: events.length === 0,
      position,
    };
  }
}
