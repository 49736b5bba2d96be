import { Column, Entity, PrimaryColumn } from 'typeorm';
import { position } from '../database/columns.js';

/** How far a read model is in the log. */
@Entity('checkpoints')
export class CheckpointRow {
  @PrimaryColumn({ type: 'text', name: 'read_model' })
  readModel!: string;

  @Column({ ...position })
  position!: bigint;

  /** Version of the projection that made the rows. */
  @Column({ type: 'integer', default: 1 })
  version!: number;
}
