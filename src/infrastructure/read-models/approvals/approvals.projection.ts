import { In, type EntityManager } from 'typeorm';
import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import { upsert, type ProjectedEvent, type Projection } from '../projection/projection.js';
import { ApprovalRow } from './approval.row.js';

/** The rows that the batch decides, and the open ones of runs that it ends. */
async function touched(manager: EntityManager, batch: readonly ProjectedEvent[]): Promise<Map<number, ApprovalRow>> {
  const decided = batch.flatMap(({ event }) =>
    event.type === 'ApprovalGranted' || event.type === 'ApprovalRejected' ? [event.data.approvalId] : [],
  );
  const ended = batch.flatMap(({ event }) => (isFinalEventType(event.type) ? [event.data.workflowId] : []));
  if (decided.length + ended.length === 0) return new Map();
  const rows = await manager.find(ApprovalRow, { where: [{ approvalId: In(decided) }, { workflowId: In(ended), status: 'required' }] });
  return new Map(rows.map((row) => [row.approvalId, row]));
}

export const approvalsProjection: Projection = {
  name: 'approvals',
  rows: [ApprovalRow],
  async apply(manager: EntityManager, batch: readonly ProjectedEvent[]): Promise<void> {
    const rows = await touched(manager, batch);
    for (const { event } of batch) {
      if (event.type === 'ApprovalRequested') {
        const { at, name, ...request } = event.data;
        rows.set(request.approvalId, {
          ...request,
          stepName: name,
          status: 'required',
          requestedAt: at,
          decidedAt: null,
          decidedBy: null,
          decisionReason: null,
        });
      } else if (event.type === 'ApprovalGranted' || event.type === 'ApprovalRejected') {
        const { approvalId, decidedBy, reason, at } = event.data;
        const row = rows.get(approvalId);
        const status = event.type === 'ApprovalGranted' ? 'approved' : 'rejected';
        if (row) rows.set(approvalId, { ...row, status, decidedAt: at, decidedBy, decisionReason: reason ?? null });
      } else if (isFinalEventType(event.type)) {
        for (const row of rows.values()) {
          if (row.workflowId === event.data.workflowId && row.status === 'required') rows.set(row.approvalId, { ...row, status: 'void' });
        }
      }
    }
    await upsert(manager, ApprovalRow, [...rows.values()]);
  },
};
