import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { stepOf } from '../../domain/workflow/workflow.state.js';
import { APPROVALS_READER, type ApprovalsReader, type ApprovalView } from '../ports/read-models.js';
import { ApprovalAddresses } from '../workflow/approval-addresses.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** One approval request. @throws DomainError approval.not-found; ApplicationError read-model.behind */
export class GetApproval extends Query<ApprovalView> {
  constructor(readonly question: Freshness & { readonly approvalId: number }) {
    super();
  }
}

@QueryHandler(GetApproval)
export class GetApprovalHandler implements IQueryHandler<GetApproval> {
  constructor(
    private readonly fresh: FreshReadModels,
    private readonly addresses: ApprovalAddresses,
    private readonly decisions: WorkflowDecisions,
    @Inject(APPROVALS_READER) private readonly approvals: ApprovalsReader,
  ) {}

  execute({ question }: GetApproval): Promise<ApprovalView> {
    const { approvalId } = question;
    return this.fresh.sought(question, {
      name: `approval ${approvalId}`,
      read: () => this.approvals.find(approvalId),
      recordedAt: () => this.recordedAt(approvalId),
      missing: () => new DomainError('approval.not-found', `There is no approval ${approvalId}.`),
    });
  }

  /** Log position by which the request is recorded; undefined where there is none (an id may have been given out for nothing). */
  private async recordedAt(approvalId: number): Promise<bigint | undefined> {
    const address = await this.addresses.find(approvalId);
    if (!address) return undefined;
    const { state, position } = await this.decisions.read(address.workflowId);
    return stepOf(state, address.stepId)?.approval?.approvalId === approvalId ? position : undefined;
  }
}
