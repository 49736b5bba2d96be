import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RiskLevel } from '../../../domain/risk/risk-level.js';
import { id, nullableId, text } from '../database/columns.js';

/** An approval request that nobody can decide about any more. Times are milliseconds since the Unix epoch. */
@Entity('analytics_approvals')
export class SettledApprovalRow {
  @PrimaryColumn({ ...id, name: 'requested_at' })
  requestedAt!: number;

  @PrimaryColumn({ ...id, name: 'approval_id' })
  approvalId!: number;

  @Column({ ...id, name: 'user_id' })
  userId!: number;

  @Column({ ...text })
  tool!: string;

  @Column({ type: 'text', name: 'risk_level' })
  riskLevel!: RiskLevel;

  @Column({ ...id, name: 'decided_at' })
  decidedAt!: number;

  /** Void: its run was stopped before. */
  @Column({ type: 'text' })
  verdict!: 'approved' | 'rejected' | 'void';

  @Column({ ...nullableId, name: 'decided_by' })
  decidedBy!: number | null;
}
