import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { stepOf } from '../../domain/workflow/workflow.state.js';
import { APPROVALS_READER, type ApprovalsReader } from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { ApprovalAddresses } from '../workflow/approval-addresses.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { FreshReadModels, type Freshness } from './freshness.js';
import { approvalDetail, type ApprovalDetail } from './shown-approval.js';

/** One approval request, and what a decision about it means. @throws DomainError approval.not-found; ApplicationError read-model.behind; EventLogUnavailable */
export class GetApproval extends Query<ApprovalDetail> {
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
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ question }: GetApproval): Promise<ApprovalDetail> {
    const { approvalId } = question;
    const approval = await this.fresh.sought(question, {
      name: `approval ${approvalId}`,
      read: () => this.approvals.find(approvalId),
      recordedAt: () => this.recordedAt(approvalId),
      missing: () => new DomainError('approval.not-found', `There is no approval ${approvalId}.`),
    });
    // The plan and the outputs of other steps are the log's to tell: read models may be behind, and show neither whole.
    const { state } = await this.decisions.read(approval.workflowId);
    return approvalDetail(approval, this.tools, state);
  }

  /** Log position by which the request is recorded; undefined where there is none (an id may have been given out for nothing). */
  private async recordedAt(approvalId: number): Promise<bigint | undefined> {
    const address = await this.addresses.find(approvalId);
    if (!address) return undefined;
    const { state, position } = await this.decisions.read(address.workflowId);
    return stepOf(state, address.stepId)?.approval?.approvalId === approvalId ? position : undefined;
  }
}
