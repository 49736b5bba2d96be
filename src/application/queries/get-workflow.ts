import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { workflowNotFound } from './workflow-not-found.js';
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
    await this.fresh.await(question);
    const found = await this.workflows.find(question.workflowId);
    if (!found) throw workflowNotFound(question.workflowId);
    return found;
  }
}
