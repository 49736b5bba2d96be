import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PlannedStep } from '../../../domain/plan/plan.js';
import { id, json } from '../database/columns.js';

/** A part of a plan that is not sealed yet. */
@Entity('plan_parts')
export class PlanPartRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer' })
  offset!: number;

  @Column({ ...json })
  steps!: readonly PlannedStep[];
}
