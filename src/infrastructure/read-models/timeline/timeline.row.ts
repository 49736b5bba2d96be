import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../../domain/json.js';
import type { TimelineType } from '../../../domain/workflow/timeline.js';
import { id, json, position, text } from '../database/columns.js';

@Entity('timeline')
export class TimelineRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer' })
  revision!: number;

  /** Of the event, in the log. */
  @Column({ ...position })
  position!: bigint;

  @Column({ type: 'text' })
  type!: TimelineType;

  @Column({ ...text })
  message!: string;

  @Column({ type: 'integer', name: 'step_id', nullable: true })
  stepId!: number | null;

  @Column({ type: 'text' })
  at!: string;

  @Column({ ...json })
  data!: JsonObject;
}
