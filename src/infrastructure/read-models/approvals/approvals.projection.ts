import { isStopEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { ApprovalRow } from './approval.row.js';

export const approvalsProjection: Projection<'approvals'> = {
  name: 'approvals',
  version: 1,
  rows: [ApprovalRow],
  fold(batch, changes) {
    const requested = new Map<number, ApprovalRow>();
    /** Of requests that came before the batch. */
    const decided = new Map<number, Partial<ApprovalRow>>();
    const ended = new Set<number>();
    for (const { event } of batch) {
      if (event.type === 'ApprovalRequested') {
        const { at, name, ...request } = event.data;
        requested.set(request.approvalId, {
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
        const status = event.type === 'ApprovalGranted' ? 'approved' : 'rejected';
        const decision = { approvalId, status, decidedAt: at, decidedBy, decisionReason: reason ?? null } as const;
        const row = requested.get(approvalId);
        if (row) requested.set(approvalId, { ...row, ...decision });
        else decided.set(approvalId, decision);
      } else if (isStopEventType(event.type)) {
        ended.add(event.data.workflowId);
      }
    }
    const rows = [...requested.values()];
    changes.put(
      ApprovalRow,
      rows.map((row) => (row.status === 'required' && ended.has(row.workflowId) ? { ...row, status: 'void' } : row)),
    );
    changes.patch(ApprovalRow, [...decided.values()], ['status', 'decidedAt', 'decidedBy', 'decisionReason']);
    if (ended.size === 0) return;
    const touched = changes.array('bigint', [...requested.keys(), ...decided.keys()]);
    changes.add(
      `UPDATE approvals SET status = 'void'
       WHERE workflow_id = ANY(${changes.array('bigint', [...ended])}) AND status = 'required' AND approval_id <> ALL(${touched})`,
    );
  },
};
