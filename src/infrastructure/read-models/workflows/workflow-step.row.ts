import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Json, JsonObject } from '../../../domain/json.js';
import type { RiskLevel } from '../../../domain/risk/risk-level.js';
import type { StepError } from '../../../domain/workflow/events/workflow-events.js';
import type { SkipCause, StepState } from '../../../domain/workflow/lifecycle.js';
import { id, json, text } from '../database/columns.js';

@Entity('workflow_steps')
export class WorkflowStepRow {
  @PrimaryColumn({ ...id, name: 'workflow_id' })
  workflowId!: number;

  @PrimaryColumn({ type: 'integer', name: 'step_id' })
  stepId!: number;

  @Column({ ...text })
  key!: string;

  @Column({ ...text })
  name!: string;

  @Column({ ...text })
  tool!: string;

  @Column({ ...text, name: 'tool_version' })
  toolVersion!: string;

  @Column({ type: 'text', name: 'risk_level' })
  riskLevel!: RiskLevel;

  @Column({ type: 'text' })
  state!: StepState;

  @Column({ ...json, name: 'depends_on' })
  dependsOn!: readonly string[];

  @Column({ type: 'integer' })
  attempts!: number;

  @Column({ ...json })
  args!: JsonObject;

  @Column({ ...json })
  output!: Json;

  @Column({ ...json })
  error!: StepError | null;

  @Column({ type: 'text', name: 'skip_cause', nullable: true })
  skipCause!: SkipCause | null;

  @Column({ type: 'text', name: 'started_at', nullable: true })
  startedAt!: string | null;

  @Column({ type: 'text', name: 'finished_at', nullable: true })
  finishedAt!: string | null;
}
