import type { InjectionToken } from '@nestjs/common';
import {
  APPROVALS_READER,
  READ_MODEL_PROGRESS,
  TIMELINE_READER,
  WORKFLOWS_READER,
  type ApprovalView,
  type WorkflowView,
} from '../../../src/application/ports/read-models.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';

/** Read models that hold what a test puts there, and come as far as it lets them. */
export class ScriptedReadModels {
  readonly runs = new Map<number, WorkflowView>();
  readonly entries = new Map<number, readonly LoggedEntry[]>();
  readonly approvals = new Map<number, readonly ApprovalView[]>();
  /** Positions that were waited for. */
  readonly awaited: bigint[] = [];
  catchUp: (position: bigint) => boolean = () => true;

  readonly ports: ReadonlyMap<InjectionToken, object> = new Map<InjectionToken, object>([
    [
      READ_MODEL_PROGRESS,
      {
        waitFor: (position: bigint) => {
          this.awaited.push(position);
          return Promise.resolve(this.catchUp(position));
        },
      },
    ],
    [
      WORKFLOWS_READER,
      {
        find: (workflowId: number) => Promise.resolve(this.runs.get(workflowId)),
        status: (workflowId: number) => Promise.resolve(this.runs.get(workflowId)),
      },
    ],
    [TIMELINE_READER, { list: (workflowId: number) => Promise.resolve(this.entries.get(workflowId) ?? []) }],
    [
      APPROVALS_READER,
      {
        find: (approvalId: number) => Promise.resolve([...this.approvals.values()].flat().find((held) => held.approvalId === approvalId)),
        ofWorkflow: (workflowId: number) => Promise.resolve(this.approvals.get(workflowId) ?? []),
      },
    ],
  ]);

  hold(workflowId: number): WorkflowView {
    const run: WorkflowView = {
      waitingFor: [],
      outcome: null,
      rerunOf: null,
      compensates: null,
      forkOf: null,
      forks: [],
      compensatedBy: null,
      scheduleId: null,
      scheduledFor: null,
      startAt: null,
      deadline: null,
      onFailure: 'wait',
      priority: 'normal',
      reruns: [],
      workflowId,
      userId: 7,
      intent: 'an intent',
      state: 'PLANNING',
      revision: 0,
      createdAt: '2026-01-05T08:00:00.000Z',
      finishedAt: null,
      reason: null,
      stepCount: 0,
      steps: [],
    };
    this.runs.set(workflowId, run);
    return run;
  }
}
