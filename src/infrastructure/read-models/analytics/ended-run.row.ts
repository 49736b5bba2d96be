import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id, nullableText } from '../database/columns.js';

/** A run that has ended. Times are milliseconds since the Unix epoch. */
@Entity('analytics_runs')
export class EndedRunRow {
  @PrimaryColumn({ ...id, name: 'ended_at' })
  endedAt!: number;

  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @Column({ ...id, name: 'user_id' })
  userId!: number;

  @Column({ ...id, name: 'submitted_at' })
  submittedAt!: number;

  @Column({ type: 'text' })
  state!: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

  /** Why it failed. */
  @Column({ ...nullableText })
  code!: string | null;
}
