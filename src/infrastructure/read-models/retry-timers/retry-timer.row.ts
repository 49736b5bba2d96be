import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id } from '../database/columns.js';

@Entity('retry_timers')
export class RetryTimerRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @Column({ type: 'integer' })
  attempt!: number;

  /** Milliseconds since the Unix epoch. */
  @Column({ ...id, name: 'due_at' })
  dueAt!: number;
}
