import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { refusingCursors } from './cursors.js';
import { APPROVALS_READER, type ApprovalsReader } from '../ports/read-models.js';
import type { ApprovalStatus } from '../../domain/workflow/lifecycle.js';
import type { ApprovalView, Page, PageRequest } from '../ports/read-models.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Approval requests of all runs, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListApprovals extends Query<Page<ApprovalView>> {
  constructor(readonly question: Freshness & { readonly status?: ApprovalStatus; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListApprovals)
export class ListApprovalsHandler implements IQueryHandler<ListApprovals> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(APPROVALS_READER) private readonly approvals: ApprovalsReader,
  ) {}

  async execute({ question }: ListApprovals): Promise<Page<ApprovalView>> {
    await this.fresh.waitForPosition(question);
    const { status, page } = question;
    return refusingCursors(() => this.approvals.list(status === undefined ? {} : { status }, page));
  }
}
