import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { refusingCursors } from './cursors.js';
import { APPROVALS_READER, type ApprovalsReader } from '../ports/read-models.js';
import type { ApprovalStatus } from '../../domain/workflow/lifecycle.js';
import type { Page, PageRequest } from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { FreshReadModels, type Freshness } from './freshness.js';
import { shownApproval, type ShownApproval } from './shown-approval.js';

/** Approval requests of all runs, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListApprovals extends Query<Page<ShownApproval>> {
  constructor(readonly question: Freshness & { readonly status?: ApprovalStatus; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListApprovals)
export class ListApprovalsHandler implements IQueryHandler<ListApprovals> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(APPROVALS_READER) private readonly approvals: ApprovalsReader,
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ question }: ListApprovals): Promise<Page<ShownApproval>> {
    await this.fresh.waitForPosition(question);
    const { status, page } = question;
    const { items, ...rest } = await refusingCursors(() => this.approvals.list(status === undefined ? {} : { status }, page));
    return { items: items.map((approval) => shownApproval(approval, this.tools)), ...rest };
  }
}
