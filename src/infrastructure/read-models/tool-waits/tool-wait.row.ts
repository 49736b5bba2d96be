import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ToolLack } from '../../../domain/workflow/lifecycle.js';
import { id, text } from '../database/columns.js';

@Index('tool_waits_by_tool', { synchronize: false })
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
}
