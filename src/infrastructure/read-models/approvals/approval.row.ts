import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../../domain/json.js';
import type { RiskLevel } from '../../../domain/risk/risk-level.js';
import type { ApprovalStatus } from '../../../domain/workflow/lifecycle.js';
import { id, json, nullableId, nullableText, text } from '../database/columns.js';

@Index('approvals_by_workflow', { synchronize: false })
@Index('approvals_by_status', { synchronize: false })
@Index('approvals_by_wait', { synchronize: false })
@Entity('approvals')
export class ApprovalRow {
  @PrimaryColumn({ ...id, name: 'approval_id' })
  approvalId!: number;

  @Column({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @Column({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @Column({ ...text, name: 'step_name' })
  stepName!: string;

  @Column({ ...text })
  tool!: string;

  @Column({ ...text, name: 'tool_version' })
  toolVersion!: string;

  @Column({ type: 'text', name: 'risk_level' })
  riskLevel!: RiskLevel;

  @Column({ ...text })
  reason!: string;

  @Column({ type: 'text' })
  status!: ApprovalStatus;

  @Column({ ...json })
  args!: JsonObject;

  @Column({ type: 'text', name: 'args_hash' })
  argsHash!: string;

  @Column({ type: 'text', name: 'requested_at' })
  requestedAt!: string;

  /** How often people were reminded of it. */
  @Column({ type: 'integer', default: 0 })
  reminders!: number;

  @Column({ type: 'text', name: 'decided_at', nullable: true })
  decidedAt!: string | null;

  @Column({ ...nullableId, name: 'decided_by' })
  decidedBy!: number | null;

  @Column({ ...nullableText, name: 'decision_reason' })
  decisionReason!: string | null;
}
