import { isStopEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { ApprovalRow } from './approval.row.js';

export const approvalsProjection: Projection<'approvals'> = {
  name: 'approvals',
  version: 1,
  rows: [ApprovalRow],
  fold(batch, changes) {
    const requested = new Map<number, ApprovalRow>();
    /** Of requests that came before the batch: one for each, for no row can be changed twice in one statement. */
    const patches = new Map<number, Partial<ApprovalRow>>();
    const change = (approvalId: number, patch: Partial<ApprovalRow>): void => {
      const row = requested.get(approvalId);
      if (row) requested.set(approvalId, { ...row, ...patch });
      else patches.set(approvalId, { approvalId, ...patches.get(approvalId), ...patch });
    };
    const ended = new Set<number>();
    for (const { event } of batch) {
      if (event.type === 'ApprovalRequested') {
        const { at, name, ...request } = event.data;
        requested.set(request.approvalId, {
          ...request,
          stepName: name,
          status: 'required',
          requestedAt: at,
          reminders: 0,
          decidedAt: null,
          decidedBy: null,
          decisionReason: null,
        });
      } else if (event.type === 'ApprovalReminded') {
        const { approvalId, workflowId, reminder: reminders } = event.data;
        change(approvalId, { workflowId, reminders });
      } else if (event.type === 'ApprovalGranted' || event.type === 'ApprovalRejected') {
        const { approvalId, workflowId, decidedBy, reason, at } = event.data;
        const status = event.type === 'ApprovalGranted' ? 'approved' : 'rejected';
        change(approvalId, { workflowId, status, decidedAt: at, decidedBy, decisionReason: reason ?? null });
      } else if (isStopEventType(event.type)) {
        ended.add(event.data.workflowId);
      }
    }
    const isVoid = ({ status = 'required', workflowId }: Partial<ApprovalRow>): boolean => status === 'required' && ended.has(workflowId!);
    const voided = <T extends Partial<ApprovalRow>>(rows: Iterable<T>): T[] =>
      [...rows].map((row) => (isVoid(row) ? { ...row, status: 'void' } : row));
    changes.put(ApprovalRow, voided(requested.values()));
    changes.patch(ApprovalRow, voided(patches.values()), ['status', 'reminders', 'decidedAt', 'decidedBy', 'decisionReason']);
    if (ended.size === 0) return;
    const touched = changes.array('bigint', [...requested.keys(), ...patches.keys()]);
    changes.add(
      `UPDATE approvals SET status = 'void'
       WHERE workflow_id = ANY(${changes.array('bigint', [...ended])}) AND status = 'required' AND approval_id <> ALL(${touched})`,
    );
  },
};
