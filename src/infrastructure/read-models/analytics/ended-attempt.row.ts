import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id, nullableText, text } from '../database/columns.js';

/** An attempt that has its outcome. Times are milliseconds since the Unix epoch. */
@Entity('analytics_attempts')
export class EndedAttemptRow {
  @PrimaryColumn({ ...id, name: 'ended_at' })
  endedAt!: number;

  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @PrimaryColumn({ type: 'integer' })
  attempt!: number;

  @Column({ ...id, name: 'user_id' })
  userId!: number;

  @Column({ ...text })
  tool!: string;

  /** Null: of an older version of the engine, which did not say. */
  @Column({ ...nullableText, name: 'tool_version' })
  toolVersion!: string | null;

  @Column({ ...id, name: 'started_at' })
  startedAt!: number;

  @Column({ type: 'text' })
  outcome!: 'succeeded' | 'failed';

  /** Of its error. */
  @Column({ ...nullableText })
  code!: string | null;
}
