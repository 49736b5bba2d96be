import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { WORKFLOWS_READER, type WorkflowsReader } from '../ports/read-models.js';
import type { WorkflowView } from '../ports/read-models.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** A run with its steps. @throws DomainError workflow.not-found; ApplicationError read-model.behind */
export class GetWorkflow extends Query<WorkflowView> {
  constructor(readonly question: Freshness & { readonly workflowId: number }) {
    super();
  }
}

@QueryHandler(GetWorkflow)
export class GetWorkflowHandler implements IQueryHandler<GetWorkflow> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(WORKFLOWS_READER) private readonly workflows: WorkflowsReader,
  ) {}

  async execute({ question }: GetWorkflow): Promise<WorkflowView> {
    return this.fresh.ofRun(question, () => this.workflows.find(question.workflowId));
  }
}
