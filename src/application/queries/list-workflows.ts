import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { refusingCursors } from './cursors.js';
import { WORKFLOWS_READER, type WorkflowsReader } from '../ports/read-models.js';
import type { Page, PageRequest, WorkflowFilter, WorkflowSummary } from '../ports/read-models.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Runs, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListWorkflows extends Query<Page<WorkflowSummary>> {
  constructor(readonly question: Freshness & { readonly filter: WorkflowFilter; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListWorkflows)
export class ListWorkflowsHandler implements IQueryHandler<ListWorkflows> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(WORKFLOWS_READER) private readonly workflows: WorkflowsReader,
  ) {}

  async execute({ question }: ListWorkflows): Promise<Page<WorkflowSummary>> {
    await this.fresh.waitForPosition(question);
    return refusingCursors(() => this.workflows.list(question.filter, question.page));
  }
}
