import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id, text } from '../database/columns.js';

@Entity('parked_events')
export class ParkedEventRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  /** Of the event that could not be dealt with. */
  @PrimaryColumn({ type: 'integer' })
  revision!: number;

  @PrimaryColumn({ type: 'text' })
  handler!: string;

  @Column({ type: 'text', name: 'event_type' })
  eventType!: string;

  @Column({ type: 'integer' })
  tries!: number;

  @Column({ ...text })
  reason!: string;

  @Column({ type: 'text', name: 'parked_at' })
  parkedAt!: string;
}
