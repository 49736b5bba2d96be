import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../../domain/json.js';
import type { StepError } from '../../../domain/workflow/events/workflow-events.js';
import { id, json, text } from '../database/columns.js';

@Entity('dead_letters')
export class DeadLetterRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @Column({ ...text, name: 'step_name' })
  stepName!: string;

  @Column({ ...text })
  tool!: string;

  @Column({ type: 'integer' })
  attempts!: number;

  @Column({ ...json })
  args!: JsonObject;

  @Column({ ...json })
  error!: StepError;

  /** Of its error: to be found by it. */
  @Column({ ...text })
  code!: string;

  @Column({ type: 'text', name: 'dead_lettered_at' })
  deadLetteredAt!: string;
}
