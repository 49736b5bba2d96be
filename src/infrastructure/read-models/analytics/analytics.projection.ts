import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { Changes } from '../projection/changes.js';
import type { Projection } from '../projection/projection.js';
import { EndedAttemptRow } from './ended-attempt.row.js';
import { EndedRunRow } from './ended-run.row.js';
import {
  addApprovals,
  addAttempts,
  addRuns,
  removeApprovals,
  RUN,
  voidApprovals,
  type ApprovalFact,
  type AttemptFact,
  type OpenKey,
  type RunFact,
} from './facts.js';
import { OpenMatterRow } from './open-matter.row.js';
import { SettledApprovalRow } from './settled-approval.row.js';

const keyOf = (workflowId: number, stepId: number): string => `${workflowId}/${stepId}`;

const NOTHING = { userId: null, attempt: null, approvalId: null, tool: null, toolVersion: null, riskLevel: null } as const;

class AnalyticsBatch {
  private readonly begun = new Map<string, OpenMatterRow>();
  /** Begun before the batch, ended in it. */
  private readonly ended = new Map<string, OpenKey>();
  private readonly users = new Map<number, number>();
  private readonly runs: RunFact[] = [];
  private readonly attempts: AttemptFact[] = [];
  private readonly approvals: ApprovalFact[] = [];
  /** When runs were stopped in which approvals and attempts may still be open. */
  private readonly stopped = new Map<number, number>();
  /** Of those, and of no others, everything that is open goes. */
  private readonly gone = new Set<number>();

  apply({ type, data }: WorkflowEvent): void {
    const { workflowId } = data;
    const at = Date.parse(data.at);
    switch (type) {
      case 'WorkflowSubmitted':
        // Nothing of a shadow happened: what began nowhere ends nowhere.
        if (data.fork) break;
        this.users.set(workflowId, data.userId);
        this.begin({ ...NOTHING, workflowId, stepId: RUN, since: at, userId: data.userId });
        break;
      case 'StepStarted': {
        const { stepId, attempt, tool, toolVersion = null } = data;
        if (data.shadow) break;
        this.begin({ ...NOTHING, workflowId, stepId, since: at, attempt, tool, toolVersion });
        break;
      }
      case 'StepSucceeded':
        if (!data.byHand) this.endAttempt(data, at, null);
        break;
      case 'StepFailed':
        this.endAttempt(data, at, data.error.code);
        break;
      case 'ApprovalRequested': {
        const { stepId, approvalId, tool, riskLevel } = data;
        this.begin({ ...NOTHING, workflowId, stepId, since: at, approvalId, tool, riskLevel });
        break;
      }
      case 'ApprovalGranted':
      case 'ApprovalRejected': {
        const begun = this.end(workflowId, data.stepId);
        this.settle(data, begun, at, type === 'ApprovalGranted' ? 'approved' : 'rejected', data.decidedBy);
        break;
      }
      case 'WorkflowStopping':
        this.stop(workflowId, at);
        break;
      case 'WorkflowFailed':
      case 'WorkflowCancelled':
        this.stop(workflowId, at);
        this.endRun(workflowId, at, type === 'WorkflowFailed' ? 'FAILED' : 'CANCELLED', type === 'WorkflowFailed' ? data.code : null);
        this.gone.add(workflowId);
        for (const [key, row] of this.begun) if (row.workflowId === workflowId) this.begun.delete(key);
        break;
      case 'WorkflowCompleted':
        // Every step is settled: nothing else is open.
        this.endRun(workflowId, at, 'SUCCEEDED', null);
        break;
      case 'ApprovalReminded':
      case 'EventParked':
      case 'ParkedEventDropped':
      case 'ParkedEventReplayed':
      case 'PlanPartRecorded':
      case 'StartTimeReached':
      case 'StepBlocked':
      case 'StepDeadLettered':
      case 'StepOutputReused':
      case 'StepReady':
      case 'StepResultRefused':
      case 'StepRetryRequested':
      case 'StepRetryScheduled':
      case 'StepSkipped':
      case 'StepWaitsForTool':
      case 'WorkflowPaused':
      case 'WorkflowPlanned':
      case 'WorkflowResumed':
        break;
    }
  }

  private begin(row: OpenMatterRow): void {
    this.begun.set(keyOf(row.workflowId, row.stepId), row);
  }

  /** What began in the batch; of what began before it the database knows. */
  private end(workflowId: number, stepId: number): OpenMatterRow | undefined {
    const key = keyOf(workflowId, stepId);
    const row = this.begun.get(key);
    if (row) this.begun.delete(key);
    else this.ended.set(key, { workflowId, stepId });
    return row;
  }

  private endRun(workflowId: number, endedAt: number, state: EndedRunRow['state'], code: string | null): void {
    const begun = this.end(workflowId, RUN);
    this.runs.push({ endedAt, workflowId, userId: this.users.get(workflowId), submittedAt: begun?.since, state, code });
  }

  private endAttempt(
    { workflowId, stepId, attempt }: WorkflowEvent<'StepSucceeded' | 'StepFailed'>['data'],
    endedAt: number,
    code: string | null,
  ): void {
    const begun = this.end(workflowId, stepId);
    const known = { userId: this.users.get(workflowId), tool: begun?.tool ?? undefined, toolVersion: begun?.toolVersion };
    const outcome = code === null ? 'succeeded' : 'failed';
    this.attempts.push({ endedAt, workflowId, stepId, attempt, ...known, startedAt: begun?.since, outcome, code });
  }

  private settle(
    { workflowId, stepId, approvalId }: { readonly workflowId: number; readonly stepId: number; readonly approvalId: number },
    begun: OpenMatterRow | undefined,
    decidedAt: number,
    verdict: SettledApprovalRow['verdict'],
    decidedBy: number | null,
  ): void {
    const known = { userId: this.users.get(workflowId), tool: begun?.tool ?? undefined, riskLevel: begun?.riskLevel ?? undefined };
    this.approvals.push({ workflowId, stepId, approvalId, ...known, requestedAt: begun?.since, decidedAt, verdict, decidedBy });
  }

  /** Nobody can decide about the run's approvals any more; attempts in flight will still have their outcomes. */
  private stop(workflowId: number, at: number): void {
    if (!this.stopped.has(workflowId)) this.stopped.set(workflowId, at);
    for (const row of [...this.begun.values()]) {
      if (row.workflowId !== workflowId || row.approvalId === null) continue;
      this.end(workflowId, row.stepId);
      this.settle({ ...row, approvalId: row.approvalId }, row, at, 'void', null);
    }
  }

  save(changes: Changes): void {
    addRuns(changes, this.runs);
    addAttempts(changes, this.attempts);
    addApprovals(changes, this.approvals);
    this.voidOthers(changes);
    changes.put(OpenMatterRow, [...this.begun.values()]);
    changes.remove(
      OpenMatterRow,
      [...this.ended].flatMap(([key, row]) => (this.begun.has(key) || this.gone.has(row.workflowId) ? [] : [row])),
    );
    changes.removeRuns(OpenMatterRow, this.gone);
  }

  /** Approvals that began before the batch and were not decided in it. */
  private voidOthers(changes: Changes): void {
    if (this.stopped.size === 0) return;
    const decided = [...this.ended.values()].filter(({ workflowId }) => this.stopped.has(workflowId));
    voidApprovals(changes, this.stopped, decided);
    const remaining = new Map([...this.stopped].filter(([workflowId]) => !this.gone.has(workflowId)));
    if (remaining.size > 0) removeApprovals(changes, [...remaining.keys()], decided);
  }
}

/** Facts about what has ended, for figures by period: rows are added and never changed. */
export const analyticsProjection: Projection<'analytics'> = {
  name: 'analytics',
  version: 1,
  rows: [EndedRunRow, EndedAttemptRow, SettledApprovalRow, OpenMatterRow],
  fold(batch, changes) {
    const facts = new AnalyticsBatch();
    for (const { event } of batch) facts.apply(event);
    facts.save(changes);
  },
};
