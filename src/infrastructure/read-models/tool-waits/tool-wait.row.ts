import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ToolLack } from '../../../domain/workflow/lifecycle.js';
import { id, text } from '../database/columns.js';

@Index('tool_waits_by_tool', { synchronize: false })
@Index('tool_waits_by_urgency', { synchronize: false })
@Entity('tool_waits')
export class ToolWaitRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @Column({ type: 'integer' })
  attempt!: number;

  @Column({ ...text })
  tool!: string;

  @Column({ ...text, name: 'tool_version' })
  toolVersion!: string;

  @Column({ type: 'text' })
  because!: ToolLack;

  @Column({ type: 'text' })
  since!: string;

  /** Whose run it is. */
  @Column({ ...id, name: 'user_id', default: 0 })
  userId!: number;

  /** Place of the run's priority among all priorities: the smaller comes first. */
  @Column({ type: 'integer', default: 1 })
  urgency!: number;
}
