import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { id } from '../database/columns.js';

@Index('retry_timers_by_time', { synchronize: false })
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
