import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { APPROVALS_READER, WORKFLOWS_READER, type ApprovalsReader, type WorkflowsReader } from '../ports/read-models.js';
import type { ApprovalView } from '../ports/read-models.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Approval requests of a run, oldest first. @throws DomainError workflow.not-found; ApplicationError read-model.behind */
export class GetWorkflowApprovals extends Query<readonly ApprovalView[]> {
  constructor(readonly question: Freshness & { readonly workflowId: number }) {
    super();
  }
}

@QueryHandler(GetWorkflowApprovals)
export class GetWorkflowApprovalsHandler implements IQueryHandler<GetWorkflowApprovals> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(WORKFLOWS_READER) private readonly workflows: WorkflowsReader,
    @Inject(APPROVALS_READER) private readonly approvals: ApprovalsReader,
  ) {}

  async execute({ question }: GetWorkflowApprovals): Promise<readonly ApprovalView[]> {
    await this.fresh.ofRun(question, () => this.workflows.status(question.workflowId));
    return this.approvals.ofWorkflow(question.workflowId);
  }
}
