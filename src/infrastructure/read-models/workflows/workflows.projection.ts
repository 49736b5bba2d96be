import { In, type EntityManager } from 'typeorm';
import { isFinalEventType, type WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import { upsert, type ProjectedEvent, type Projection } from '../projection/projection.js';
import { PlanPartRow } from './plan-part.row.js';
import { foldStep, plannedRow } from './workflow-steps.fold.js';
import { WorkflowStepRow } from './workflow-step.row.js';
import { WorkflowRow } from './workflow.row.js';

const stepKey = (workflowId: number, stepId: number): string => `${workflowId}/${stepId}`;

/** The rows that a batch changes, and what it does to whole runs. */
class WorkflowsBatch {
  readonly workflows = new Map<number, WorkflowRow>();
  readonly steps = new Map<string, WorkflowStepRow>();
  readonly parts = new Map<number, PlanPartRow[]>();
  /** Runs whose stored parts of a plan no longer count: the plan is sealed or begun afresh, or the run ended without one. */
  readonly discarded = new Set<number>();
  /** When each cancelled run was cancelled. */
  readonly cancelled = new Map<number, string>();

  constructor(private readonly manager: EntityManager) {}

  async load(batch: readonly ProjectedEvent[]): Promise<void> {
    const runs = [...new Set(batch.map(({ event }) => event.data.workflowId))];
    for (const row of await this.manager.find(WorkflowRow, { where: { workflowId: In(runs) } })) this.workflows.set(row.workflowId, row);
    const planned = batch.flatMap(({ event }) =>
      event.type === 'WorkflowPlanned' || event.type === 'PlanPartRecorded' ? [event.data.workflowId] : [],
    );
    if (planned.length > 0) {
      const rows = await this.manager.find(PlanPartRow, { where: { workflowId: In(planned) }, order: { offset: 'ASC' } });
      for (const row of rows) this.parts.set(row.workflowId, [...(this.parts.get(row.workflowId) ?? []), row]);
    }
    const steps = new Map(
      batch.flatMap(({ event: { data } }) => ('stepId' in data ? [[stepKey(data.workflowId, data.stepId), data] as const] : [])),
    );
    if (steps.size === 0) return;
    const keys = [...steps.values()];
    const rows = await this.manager
      .createQueryBuilder(WorkflowStepRow, 'step')
      .where('(step.workflow_id, step.step_id) IN (SELECT * FROM unnest(CAST(:runs AS bigint[]), CAST(:ids AS integer[])))', {
        runs: keys.map(({ workflowId }) => workflowId),
        ids: keys.map(({ stepId }) => stepId),
      })
      .getMany();
    for (const row of rows) this.steps.set(stepKey(row.workflowId, row.stepId), row);
  }

  apply({ event, revision }: ProjectedEvent): void {
    const { workflowId } = event.data;
    if (event.type === 'PlanPartRecorded') {
      if (event.data.offset === 0) this.discardParts(workflowId);
      const before = this.parts.get(workflowId) ?? [];
      this.parts.set(workflowId, [...before, { workflowId, offset: event.data.offset, steps: event.data.steps }]);
    }
    const row = this.foldRun(event, revision);
    if (row) this.workflows.set(workflowId, { ...row, revision });
    if (event.type === 'WorkflowPlanned') this.plan(workflowId, event);
    else if (isFinalEventType(event.type)) this.discardParts(workflowId);
    if ('stepId' in event.data) {
      const key = stepKey(workflowId, event.data.stepId);
      const step = this.steps.get(key);
      if (step) this.steps.set(key, foldStep(step, event));
    }
  }

  private foldRun(event: WorkflowEvent, revision: number): WorkflowRow | undefined {
    const { workflowId, at } = event.data;
    const row = this.workflows.get(workflowId);
    if (event.type === 'WorkflowSubmitted') {
      const { userId, intent } = event.data;
      return { workflowId, userId, intent, state: 'PLANNING', revision, stepCount: 0, reason: null, createdAt: at, finishedAt: null };
    }
    if (!row) return undefined;
    switch (event.type) {
      case 'WorkflowPlanned':
        return { ...row, state: 'RUNNING', stepCount: event.data.stepCount };
      case 'WorkflowFailed':
        return { ...row, state: 'FAILED', reason: event.data.reason, finishedAt: at };
      case 'WorkflowCancelled':
        this.cancelled.set(workflowId, at);
        return { ...row, state: 'CANCELLED', reason: event.data.reason, finishedAt: at };
      case 'WorkflowCompleted':
        return { ...row, state: 'SUCCEEDED', finishedAt: at };
      default:
        return row;
    }
  }

  private plan(workflowId: number, { data }: WorkflowEvent<'WorkflowPlanned'>): void {
    const before = data.offset === 0 ? [] : (this.parts.get(workflowId) ?? []).flatMap(({ steps }) => steps);
    for (const step of [...before, ...data.steps]) this.steps.set(stepKey(workflowId, step.stepId), plannedRow(workflowId, step));
    this.discardParts(workflowId);
  }

  private discardParts(workflowId: number): void {
    this.parts.delete(workflowId);
    this.discarded.add(workflowId);
  }

  async save(): Promise<void> {
    if (this.discarded.size > 0) await this.manager.delete(PlanPartRow, { workflowId: In([...this.discarded]) });
    await upsert(this.manager, PlanPartRow, [...this.parts.values()].flat());
    await upsert(this.manager, WorkflowRow, [...this.workflows.values()]);
    await upsert(this.manager, WorkflowStepRow, [...this.steps.values()]);
    // After the steps' own rows: it is about all of the run's steps, whether this batch has them or not.
    for (const [workflowId, at] of this.cancelled) {
      await this.manager.query(
        `UPDATE workflow_steps SET state = 'CANCELLED', finished_at = $2 WHERE workflow_id = $1 AND state NOT IN ('SUCCEEDED', 'SKIPPED')`,
        [workflowId, at],
      );
    }
  }
}

export const workflowsProjection: Projection = {
  name: 'workflows',
  rows: [WorkflowRow, WorkflowStepRow, PlanPartRow],
  async apply(manager: EntityManager, batch: readonly ProjectedEvent[]): Promise<void> {
    const rows = new WorkflowsBatch(manager);
    await rows.load(batch);
    for (const projected of batch) rows.apply(projected);
    await rows.save();
  },
};
