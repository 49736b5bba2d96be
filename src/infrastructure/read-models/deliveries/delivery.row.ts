import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { DeliveryTry } from '../../../application/ports/read-models.js';
import type { DeliveryStatus } from '../../../domain/notification/delivery.js';
import type { MessageType } from '../../../domain/notification/notification.js';
import { id, json, nullableId, nullableText, text } from '../database/columns.js';

@Index('deliveries_by_place', { synchronize: false })
@Index('deliveries_by_channel', { synchronize: false })
@Index('deliveries_by_due', { synchronize: false })
@Entity('deliveries')
export class DeliveryRow {
  @PrimaryColumn({ type: 'text', name: 'delivery_id' })
  deliveryId!: string;

  /** Log position of its first event: the order of lists. */
  @Column({ ...id })
  place!: number;

  /** Of the last event that is in the row. */
  @Column({ type: 'integer' })
  revision!: number;

  @Column({ ...id, name: 'channel_id' })
  channelId!: number;

  @Column({ type: 'text' })
  type!: MessageType;

  @Column({ ...text })
  title!: string;

  @Column({ ...nullableId, name: 'workflow_id' })
  workflowId!: number | null;

  @Column({ type: 'text' })
  state!: DeliveryStatus;

  @Column({ type: 'text', name: 'digest_id', nullable: true })
  digestId!: string | null;

  @Column({ type: 'text', name: 'planned_at' })
  plannedAt!: string;

  @Column({ type: 'text', name: 'due_at', nullable: true })
  dueAt!: string | null;

  @Column({ type: 'text', name: 'delivered_at', nullable: true })
  deliveredAt!: string | null;

  @Column({ ...nullableText })
  reason!: string | null;

  @Column({ ...json })
  tries!: readonly DeliveryTry[];
}
