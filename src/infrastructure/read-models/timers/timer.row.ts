import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TimerKind } from '../../../application/ports/read-models.js';
import { id } from '../database/columns.js';

@Index('timers_by_time', { synchronize: false })
@Entity('timers')
export class TimerRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'text' })
  kind!: TimerKind;

  /** 0 for a timer of the run itself. */
  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  /** The attempt that becomes ready; 0 for a timer of the run itself. */
  @Column({ type: 'integer' })
  attempt!: number;

  /** Milliseconds since the Unix epoch. */
  @Column({ ...id, name: 'due_at' })
  dueAt!: number;
}
