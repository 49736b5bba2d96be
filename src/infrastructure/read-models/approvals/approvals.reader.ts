import { LessThan } from 'typeorm';
import type { ApprovalsReader, ApprovalView, Page, PageRequest } from '../../../application/ports/read-models.js';
import type { ApprovalStatus } from '../../../domain/workflow/lifecycle.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { reading } from '../database/reading.js';
import { ApprovalRow } from './approval.row.js';

export class DatabaseApprovalsReader implements ApprovalsReader {
  constructor(private readonly database: Database) {}

  ofWorkflow(workflowId: number): Promise<readonly ApprovalView[]> {
    return reading(() => this.database.source.manager.find(ApprovalRow, { where: { workflowId }, order: { approvalId: 'ASC' } }));
  }

  list({ status }: { readonly status?: ApprovalStatus }, { cursor, limit }: PageRequest): Promise<Page<ApprovalView>> {
    return reading(async () => {
      const where = {
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { approvalId: LessThan(keyOf(cursor, 1)[0]!) }),
      };
      const rows = await this.database.source.manager.find(ApprovalRow, { where, order: { approvalId: 'DESC' }, take: limit + 1 });
      return pageOf(
        rows,
        limit,
        (row) => [row.approvalId],
        (row) => row,
      );
    });
  }
}
