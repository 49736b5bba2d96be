import { In, type EntityManager } from 'typeorm';
import type { PlannedStep } from '../../../domain/plan/plan.js';
import { isFinalEventType, type WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { Changes } from '../projection/changes.js';
import type { ProjectedEvent, Projection } from '../projection/projection.js';
import { PlanPartRow } from './plan-part.row.js';
import { cancelledStep, foldStep, plannedRow } from './workflow-steps.fold.js';
import { WorkflowStepRow } from './workflow-step.row.js';
import { WorkflowRow } from './workflow.row.js';

const stepKey = (workflowId: number, stepId: number): string => `${workflowId}/${stepId}`;

/** Rows that the batch begins, and what it changes of others, by their keys. */
class Rows<T> {
  readonly begun = new Map<string, T>();
  readonly changed = new Map<string, Partial<T>>();

  begin(key: string, row: T): void {
    this.changed.delete(key);
    this.begun.set(key, row);
  }

  /** @param keys of the row, for one that the batch does not begin */
  change(key: string, keys: Partial<T>, fold: <R extends Partial<T>>(row: R) => R): void {
    const begun = this.begun.get(key);
    if (begun) this.begun.set(key, fold(begun));
    else this.changed.set(key, fold(this.changed.get(key) ?? keys));
  }
}

class WorkflowsBatch {
  readonly runs = new Rows<WorkflowRow>();
  readonly steps = new Rows<WorkflowStepRow>();
  /** Parts of plans that are not sealed yet, and which of them the database has. */
  private readonly parts = new Map<number, PlanPartRow[]>();
  private readonly storedParts = new Map<number, PlanPartRow[]>();
  /** Runs that ended: parts of a plan that they have left no longer count. */
  private readonly ended = new Set<number>();
  /** When each cancelled run was cancelled. */
  private readonly cancelled = new Map<number, string>();

  /** Only a plan in parts needs what is stored. */
  async load(batch: readonly ProjectedEvent[], manager: EntityManager): Promise<void> {
    const inParts = batch.flatMap(({ event }) =>
      event.type === 'PlanPartRecorded' || (event.type === 'WorkflowPlanned' && event.data.offset > 0) ? [event.data.workflowId] : [],
    );
    if (inParts.length === 0) return;
    for (const row of await manager.find(PlanPartRow, { where: { workflowId: In(inParts) }, order: { offset: 'ASC' } })) {
      for (const parts of [this.parts, this.storedParts]) parts.set(row.workflowId, [...(parts.get(row.workflowId) ?? []), row]);
    }
  }

  apply({ event, revision }: ProjectedEvent): void {
    const { workflowId } = event.data;
    this.foldRun(event, revision);
    if (event.type === 'PlanPartRecorded') {
      const before = event.data.offset === 0 ? [] : (this.parts.get(workflowId) ?? []);
      this.parts.set(workflowId, [...before, { workflowId, offset: event.data.offset, steps: event.data.steps }]);
    } else if (event.type === 'WorkflowPlanned') {
      this.plan(event);
    } else if (isFinalEventType(event.type)) {
      this.parts.delete(workflowId);
      this.ended.add(workflowId);
      if (event.type === 'WorkflowCancelled') this.cancel(workflowId, event.data.at);
    }
    if ('stepId' in event.data) {
      const { stepId } = event.data;
      this.steps.change(stepKey(workflowId, stepId), { workflowId, stepId }, (row) => foldStep(row, event));
    }
  }

  private foldRun(event: WorkflowEvent, revision: number): void {
    const { workflowId, at } = event.data;
    if (event.type === 'WorkflowSubmitted') {
      const { userId, intent } = event.data;
      const row = {
        workflowId,
        userId,
        intent,
        state: 'PLANNING',
        revision,
        stepCount: 0,
        reason: null,
        createdAt: at,
        finishedAt: null,
      } as const;
      return this.runs.begin(String(workflowId), row);
    }
    this.runs.change(String(workflowId), { workflowId }, (row) => ({ ...row, revision, ...changeOfRun(event) }));
  }

  private plan({ data }: WorkflowEvent<'WorkflowPlanned'>): void {
    const { workflowId } = data;
    const before: readonly PlannedStep[] = data.offset === 0 ? [] : (this.parts.get(workflowId) ?? []).flatMap(({ steps }) => steps);
    for (const step of [...before, ...data.steps]) this.steps.begin(stepKey(workflowId, step.stepId), plannedRow(workflowId, step));
    this.parts.delete(workflowId);
  }

  private cancel(workflowId: number, at: string): void {
    this.cancelled.set(workflowId, at);
    for (const [key, row] of this.steps.begun) if (row.workflowId === workflowId) this.steps.begun.set(key, cancelledStep(row, at));
    for (const [key, row] of this.steps.changed) if (row.workflowId === workflowId) this.steps.changed.set(key, cancelledStep(row, at));
  }

  save(changes: Changes): void {
    changes.put(WorkflowRow, [...this.runs.begun.values()]);
    changes.patch(WorkflowRow, [...this.runs.changed.values()], ['revision', 'state', 'stepCount', 'reason', 'finishedAt']);
    changes.put(WorkflowStepRow, [...this.steps.begun.values()]);
    changes.patch(
      WorkflowStepRow,
      [...this.steps.changed.values()],
      ['state', 'attempts', 'args', 'output', 'error', 'finishedAt'],
      ['startedAt'],
    );
    this.saveParts(changes);
    for (const [workflowId, at] of this.cancelled) this.cancelOthers(changes, workflowId, at);
  }

  private saveParts(changes: Changes): void {
    const parts = [...this.parts.values()].flat();
    changes.put(PlanPartRow, parts);
    const kept = new Set(parts.map(({ workflowId, offset }) => stepKey(workflowId, offset)));
    const stored = [...this.storedParts.values()].flat().filter(({ workflowId }) => !this.ended.has(workflowId));
    changes.remove(
      PlanPartRow,
      stored
        .filter(({ workflowId, offset }) => !kept.has(stepKey(workflowId, offset)))
        .map(({ workflowId, offset }) => ({ workflowId, offset })),
    );
    changes.removeRuns(PlanPartRow, this.ended);
  }

  /** Steps of a cancelled run that the batch does not speak of. */
  private cancelOthers(changes: Changes, workflowId: number, at: string): void {
    const spokenOf = [...this.steps.begun.values(), ...this.steps.changed.values()].flatMap((row) =>
      row.workflowId === workflowId ? [row.stepId!] : [],
    );
    changes.add(
      `UPDATE workflow_steps SET state = 'CANCELLED', finished_at = ${changes.text(at)}
       WHERE workflow_id = ANY(${changes.array('bigint', [workflowId])}) AND state NOT IN ('SUCCEEDED', 'SKIPPED')
         AND step_id <> ALL(${changes.array('integer', spokenOf)})`,
    );
  }
}

/** What an event says of its run beside how far it is. */
function changeOfRun(event: WorkflowEvent): Partial<WorkflowRow> {
  const { type, data } = event;
  switch (type) {
    case 'WorkflowPlanned':
      return { state: 'RUNNING', stepCount: data.stepCount };
    case 'WorkflowFailed':
      return { state: 'FAILED', reason: data.reason, finishedAt: data.at };
    case 'WorkflowCancelled':
      return { state: 'CANCELLED', reason: data.reason, finishedAt: data.at };
    case 'WorkflowCompleted':
      return { state: 'SUCCEEDED', finishedAt: data.at };
    case 'WorkflowSubmitted':
    case 'PlanPartRecorded':
    case 'StepReady':
    case 'StepStarted':
    case 'StepSucceeded':
    case 'StepFailed':
    case 'StepRetryScheduled':
    case 'StepBlocked':
    case 'ApprovalRequested':
    case 'ApprovalGranted':
    case 'ApprovalRejected':
    case 'StepSkipped':
    case 'StepDeadLettered':
      return {};
    default:
      return type satisfies never;
  }
}

export const workflowsProjection: Projection<'workflows'> = {
  name: 'workflows',
  version: 1,
  rows: [WorkflowRow, WorkflowStepRow, PlanPartRow],
  async fold(batch, changes, manager) {
    const rows = new WorkflowsBatch();
    await rows.load(batch, manager);
    for (const projected of batch) rows.apply(projected);
    rows.save(changes);
  },
};
