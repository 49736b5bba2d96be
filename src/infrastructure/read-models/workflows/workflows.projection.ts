import { In, type EntityManager } from 'typeorm';
import type { PlannedStep } from '../../../domain/plan/plan.js';
import { isFinalEventType, type WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import { STEP_STATES } from '../../../domain/workflow/lifecycle.js';
import type { Changes } from '../projection/changes.js';
import type { ProjectedEvent, Projection } from '../projection/projection.js';
import { PlanPartRow } from './plan-part.row.js';
import { foldStep, plannedRow, sweepOf, swept, type StepSweep } from './workflow-steps.fold.js';
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
  /** What happened to all steps of a run at once, in order. */
  private readonly sweeps: { readonly workflowId: number; readonly sweep: StepSweep }[] = [];

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
    if (event.type === 'StepOutputReused') {
      // As those of a plan in parts these steps are of no run yet; nobody sees them before it is there.
      const { step } = event.data;
      this.steps.begin(stepKey(workflowId, step.stepId), plannedRow(workflowId, step));
    }
    if (event.type === 'PlanPartRecorded') {
      const before = event.data.offset === 0 ? [] : (this.parts.get(workflowId) ?? []);
      this.parts.set(workflowId, [...before, { workflowId, offset: event.data.offset, steps: event.data.steps }]);
    } else if (event.type === 'WorkflowPlanned') {
      this.plan(event);
    } else if (isFinalEventType(event.type)) {
      this.parts.delete(workflowId);
      this.ended.add(workflowId);
    }
    const sweep = sweepOf(event);
    if (sweep) this.sweep(workflowId, sweep);
    // These name a step, but say nothing of its state.
    if ('stepId' in event.data && event.type !== 'EventParked' && event.type !== 'StepResultRefused') {
      const { stepId } = event.data;
      this.steps.change(stepKey(workflowId, stepId), { workflowId, stepId }, (row) => foldStep(row, event));
    }
  }

  private foldRun(event: WorkflowEvent, revision: number): void {
    const { workflowId, at } = event.data;
    if (event.type === 'WorkflowSubmitted') {
      const { userId, intent, rerunOf = null, schedule, compensates, fork, startAt = null, deadline = null } = event.data;
      const { onFailure = 'wait', priority = 'normal' } = event.data;
      const row = {
        workflowId,
        userId,
        intent,
        state: 'PLANNING',
        revision,
        stepCount: 0,
        reason: null,
        rerunOf,
        compensates: compensates?.workflowId ?? null,
        forkOf: fork?.workflowId ?? null,
        scheduleId: schedule?.scheduleId ?? null,
        scheduledFor: schedule?.scheduledFor ?? null,
        startAt,
        deadline,
        onFailure,
        priority,
        createdAt: at,
        pausedAt: null,
        finishedAt: null,
      } as const;
      return this.runs.begin(String(workflowId), row);
    }
    this.runs.change(String(workflowId), { workflowId }, (row) => ({ ...row, revision, ...changeOfRun(event) }));
  }

  private plan({ data }: WorkflowEvent<'WorkflowPlanned'>): void {
    const { workflowId } = data;
    const before: readonly PlannedStep[] = data.offset === 0 ? [] : (this.parts.get(workflowId) ?? []).flatMap(({ steps }) => steps);
    const reused = new Set(data.reused?.stepIds);
    for (const step of [...before, ...data.steps])
      if (!reused.has(step.stepId)) this.steps.begin(stepKey(workflowId, step.stepId), plannedRow(workflowId, step));
    this.parts.delete(workflowId);
  }

  private sweep(workflowId: number, sweep: StepSweep): void {
    this.sweeps.push({ workflowId, sweep });
    for (const [key, row] of this.steps.begun) if (row.workflowId === workflowId) this.steps.begun.set(key, swept(row, sweep));
    for (const [key, row] of this.steps.changed) if (row.workflowId === workflowId) this.steps.changed.set(key, swept(row, sweep));
  }

  save(changes: Changes): void {
    changes.put(WorkflowRow, [...this.runs.begun.values()]);
    changes.patch(WorkflowRow, [...this.runs.changed.values()], ['revision', 'state', 'stepCount', 'reason', 'pausedAt', 'finishedAt']);
    changes.put(WorkflowStepRow, [...this.steps.begun.values()]);
    changes.patch(
      WorkflowStepRow,
      [...this.steps.changed.values()],
      ['state', 'attempts', 'args', 'output', 'error', 'toolVersion', 'riskLevel', 'skipCause', 'finishedAt'],
      ['startedAt'],
    );
    this.saveParts(changes);
    for (const workflowId of new Set(this.sweeps.map((one) => one.workflowId))) this.sweepOthers(changes, workflowId);
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

  /** Steps that the batch does not speak of: what comes of each state by all of the run's sweeps, one after the other. */
  private sweepOthers(changes: Changes, workflowId: number): void {
    const spokenOf = [...this.steps.begun.values(), ...this.steps.changed.values()].flatMap((row) =>
      row.workflowId === workflowId ? [row.stepId!] : [],
    );
    const sweeps = this.sweeps.filter((one) => one.workflowId === workflowId).map(({ sweep }) => sweep);
    const ends = STEP_STATES.map((from) => {
      const { state, finishedAt } = sweeps.reduce<Partial<WorkflowStepRow>>(swept, { state: from });
      return { from, to: state!, finishedAt: finishedAt ?? null };
    }).filter(({ from, to }) => from !== to);
    if (ends.length === 0) return;
    const column = (of: (end: (typeof ends)[number]) => string | null): string => changes.array('text', ends.map(of));
    changes.add(
      `UPDATE workflow_steps SET state = swept.state, finished_at = COALESCE(swept.finished_at, workflow_steps.finished_at)
       FROM unnest(${column(({ from }) => from)}, ${column(({ to }) => to)}, ${column(({ finishedAt }) => finishedAt)}) AS swept (was, state, finished_at)
       WHERE workflow_id = ANY(${changes.array('bigint', [workflowId])}) AND workflow_steps.state = swept.was
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
    case 'WorkflowPaused':
      return { state: 'PAUSED', pausedAt: data.at };
    case 'WorkflowResumed':
      return { state: 'RUNNING' };
    case 'WorkflowStopping':
      return { state: 'CANCELLING', reason: data.reason };
    case 'WorkflowSubmitted':
    case 'PlanPartRecorded':
    case 'StepOutputReused':
    case 'StartTimeReached':
    case 'StepReady':
    case 'StepStarted':
    case 'StepWaitsForTool':
    case 'StepSucceeded':
    case 'StepFailed':
    case 'StepResultRefused':
    case 'StepRetryScheduled':
    case 'StepBlocked':
    case 'ApprovalRequested':
    case 'ApprovalReminded':
    case 'ApprovalGranted':
    case 'ApprovalRejected':
    case 'StepSkipped':
    case 'StepDeadLettered':
    case 'StepRetryRequested':
    case 'EventParked':
    case 'ParkedEventReplayed':
    case 'ParkedEventDropped':
      return {};
    default:
      return type satisfies never;
  }
}

export const workflowsProjection: Projection<'workflows'> = {
  name: 'workflows',
  version: 2,
  rows: [WorkflowRow, WorkflowStepRow, PlanPartRow],
  async fold(batch, changes, manager) {
    const rows = new WorkflowsBatch();
    await rows.load(batch, manager);
    for (const projected of batch) rows.apply(projected);
    rows.save(changes);
  },
};
