import type { SelectQueryBuilder } from 'typeorm';
import type { ApprovalsReader, ApprovalView, Page, PageRequest, PendingApproval } from '../../../application/ports/read-models.js';
import type { ApprovalStatus } from '../../../domain/workflow/lifecycle.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { WorkflowRow } from '../workflows/workflow.row.js';
import { ApprovalRow } from './approval.row.js';

type ApprovalOfRun = ApprovalRow & { run: Pick<WorkflowRow, 'userId' | 'intent'> };

const viewOf = ({ run: { userId, intent }, ...approval }: ApprovalOfRun): ApprovalView => ({ ...approval, userId, intent });

export class DatabaseApprovalsReader implements ApprovalsReader {
  constructor(private readonly database: Database) {}

  find(approvalId: number): Promise<ApprovalView | undefined> {
    return translateFaults(async () => {
      const [row] = await this.rows((query) => query.where('approval.approval_id = :approvalId', { approvalId }));
      return row && viewOf(row);
    });
  }

  ofWorkflow(workflowId: number): Promise<readonly ApprovalView[]> {
    return translateFaults(async () => {
      const rows = await this.rows((query) =>
        query.where('approval.workflow_id = :workflowId', { workflowId }).orderBy('approval.approval_id', 'ASC'),
      );
      return rows.map(viewOf);
    });
  }

  pending(reminders: number, limit: number): Promise<readonly PendingApproval[]> {
    return translateFaults(() =>
      this.database.source.manager.getRepository(ApprovalRow).find({
        select: { approvalId: true, workflowId: true, stepId: true, reminders: true, requestedAt: true },
        where: { status: 'required', reminders },
        order: { requestedAt: 'ASC', approvalId: 'ASC' },
        take: limit,
      }),
    );
  }

  list({ status }: { readonly status?: ApprovalStatus }, { cursor, limit }: PageRequest): Promise<Page<ApprovalView>> {
    return translateFaults(async () => {
      const rows = await this.rows((query) => {
        if (status !== undefined) query.andWhere('approval.status = :status', { status });
        if (cursor !== undefined) query.andWhere('approval.approval_id < :before', { before: keyOf(cursor, 1)[0] });
        return query.orderBy('approval.approval_id', 'DESC').limit(limit + 1);
      });
      return pageOf(rows, limit, ({ approvalId }) => [approvalId], viewOf);
    });
  }

  /**
   * Approvals with what their run says of itself. Both read models are projected in one transaction, and a rebuild of either is one, so each approval finds its
   * run. Only a rebuild of the approvals alone can be ahead of the runs, as far as these still have to come: an approval is then seen as soon as its run is.
   */
  private async rows(
    choose: (query: SelectQueryBuilder<ApprovalRow>) => SelectQueryBuilder<ApprovalRow>,
  ): Promise<readonly ApprovalOfRun[]> {
    const query = this.database.source.manager
      .createQueryBuilder(ApprovalRow, 'approval')
      .innerJoinAndMapOne('approval.run', WorkflowRow, 'run', 'run.workflow_id = approval.workflow_id')
      .select(['approval', 'run.workflowId', 'run.userId', 'run.intent']);
    return (await choose(query).getMany()) as ApprovalOfRun[];
  }
}
