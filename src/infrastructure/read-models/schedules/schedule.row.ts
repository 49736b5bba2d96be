import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CatchUp, Overlap } from '../../../domain/schedule/schedule.events.js';
import type { ScheduleStatus } from '../../../domain/schedule/schedule.state.js';
import { id, nullableId, text } from '../database/columns.js';

@Index('schedules_by_state', { synchronize: false })
@Entity('schedules')
export class ScheduleRow {
  @PrimaryColumn({ ...id, name: 'schedule_id' })
  scheduleId!: number;

  /** Of the last event of the schedule's own that is in the row. */
  @Column({ type: 'integer' })
  revision!: number;

  @Column({ ...id, name: 'user_id' })
  userId!: number;

  @Column({ ...text })
  intent!: string;

  @Column({ ...text })
  cron!: string;

  @Column({ ...text, name: 'time_zone' })
  timeZone!: string;

  @Column({ type: 'text' })
  overlap!: Overlap;

  @Column({ type: 'text', name: 'catch_up' })
  catchUp!: CatchUp;

  @Column({ type: 'text', name: 'ends_at', nullable: true })
  endsAt!: string | null;

  @Column({ type: 'text' })
  state!: ScheduleStatus;

  @Column({ type: 'text', name: 'created_at' })
  createdAt!: string;

  @Column({ type: 'text', name: 'active_since' })
  activeSince!: string;

  @Column({ type: 'text', name: 'last_scheduled_for', nullable: true })
  lastScheduledFor!: string | null;

  @Column({ ...nullableId, name: 'last_workflow_id' })
  lastWorkflowId!: number | null;

  /** Its run for that occurrence. */
  @Column({ ...nullableId, name: 'last_occurrence_id' })
  lastOccurrenceId!: number | null;

  @Column({ type: 'text', name: 'skipped_up_to', nullable: true })
  skippedUpTo!: string | null;

  @Column({ ...id })
  skipped!: number;
}
