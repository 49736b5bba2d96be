import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { FailurePolicy, Priority, RunState } from '../../../domain/workflow/lifecycle.js';
import { id, nullableId, nullableText, text } from '../database/columns.js';

@Index('workflows_by_user', { synchronize: false })
@Index('workflows_by_state', { synchronize: false })
@Index('workflows_by_original', { synchronize: false })
@Index('workflows_by_schedule', { synchronize: false })
@Index('workflows_by_compensated', { synchronize: false })
@Index('workflows_by_forked', { synchronize: false })
@Entity('workflows')
export class WorkflowRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @Column({ ...id, name: 'user_id' })
  userId!: number;

  @Column({ ...text })
  intent!: string;

  @Column({ type: 'text' })
  state!: RunState;

  @Column({ type: 'integer' })
  revision!: number;

  @Column({ type: 'integer', name: 'step_count' })
  stepCount!: number;

  @Column({ ...nullableText })
  reason!: string | null;

  @Column({ type: 'text', name: 'created_at' })
  createdAt!: string;

  /** The run that this one runs again. */
  @Column({ type: 'bigint', name: 'rerun_of', nullable: true, transformer: id.transformer })
  rerunOf!: number | null;

  /** The run whose effects this one undoes. */
  @Column({ ...nullableId })
  compensates!: number | null;

  /** The run that this one copies as a shadow. */
  @Column({ ...nullableId, name: 'fork_of' })
  forkOf!: number | null;

  /** The schedule that submitted it, … */
  @Column({ ...nullableId, name: 'schedule_id' })
  scheduleId!: number | null;

  /** … and for which occurrence. */
  @Column({ type: 'text', name: 'scheduled_for', nullable: true })
  scheduledFor!: string | null;

  /** Nothing starts before; as it was submitted. */
  @Column({ type: 'text', name: 'start_at', nullable: true })
  startAt!: string | null;

  @Column({ type: 'text', nullable: true })
  deadline!: string | null;

  @Column({ type: 'text', name: 'on_failure' })
  onFailure!: FailurePolicy;

  @Column({ type: 'text', default: 'normal' })
  priority!: Priority;

  /** When it was last paused; says something only while it is. */
  @Column({ type: 'text', name: 'paused_at', nullable: true })
  pausedAt!: string | null;

  @Column({ type: 'text', name: 'finished_at', nullable: true })
  finishedAt!: string | null;
}
