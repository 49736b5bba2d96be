import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RiskLevel } from '../../../domain/risk/risk-level.js';
import { id, nullableId, nullableText } from '../database/columns.js';

/**
 * What has begun and not ended: a run (step 0), the attempt of a step that runs, or the approval that it waits for. It says what the event at the end does
 * not, and goes with it.
 */
@Entity('analytics_open')
export class OpenMatterRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  /** Milliseconds since the Unix epoch. */
  @Column({ ...id })
  since!: number;

  /** Of a run. */
  @Column({ ...nullableId, name: 'user_id' })
  userId!: number | null;

  @Column({ type: 'integer', nullable: true })
  attempt!: number | null;

  @Column({ ...nullableId, name: 'approval_id' })
  approvalId!: number | null;

  @Column({ ...nullableText })
  tool!: string | null;

  @Column({ ...nullableText, name: 'tool_version' })
  toolVersion!: string | null;

  /** Of an approval. */
  @Column({ type: 'text', name: 'risk_level', nullable: true })
  riskLevel!: RiskLevel | null;
}
