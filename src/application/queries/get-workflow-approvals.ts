import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { APPROVALS_READER, WORKFLOWS_READER, type ApprovalsReader, type WorkflowsReader } from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { FreshReadModels, type Freshness } from './freshness.js';
import { shownApproval, type ShownApproval } from './shown-approval.js';

/** Approval requests of a run, oldest first. @throws DomainError workflow.not-found; ApplicationError read-model.behind */
export class GetWorkflowApprovals extends Query<readonly ShownApproval[]> {
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
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ question }: GetWorkflowApprovals): Promise<readonly ShownApproval[]> {
    await this.fresh.ofRun(question, () => this.workflows.status(question.workflowId));
    return (await this.approvals.ofWorkflow(question.workflowId)).map((approval) => shownApproval(approval, this.tools));
  }
}
