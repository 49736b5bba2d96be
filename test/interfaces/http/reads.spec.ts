import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import type { DeadLetterView, WorkflowStepView, WorkflowSummary } from '../../../src/application/ports/read-models.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { GetApproval } from '../../../src/application/queries/get-approval.js';
import { GetTimeline } from '../../../src/application/queries/get-timeline.js';
import { GetWorkflow } from '../../../src/application/queries/get-workflow.js';
import { GetWorkflowApprovals } from '../../../src/application/queries/get-workflow-approvals.js';
import { GetWorkflowEvents } from '../../../src/application/queries/get-workflow-events.js';
import { GetWorkflowState } from '../../../src/application/queries/get-workflow-state.js';
import type { ApprovalDetail, ShownApproval } from '../../../src/application/queries/shown-approval.js';
import { ListApprovals } from '../../../src/application/queries/list-approvals.js';
import { ListDeadLetters } from '../../../src/application/queries/list-dead-letters.js';
import { ListTools } from '../../../src/application/queries/list-tools.js';
import { ListWorkflows } from '../../../src/application/queries/list-workflows.js';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import { approvalDetailSchema, approvalPageSchema, approvalsSchema } from '../../../src/interfaces/http/approvals/approval.responses.js';
import { storedEventsSchema, timelineSchema } from '../../../src/interfaces/http/workflows/history.responses.js';
import { workflowPageSchema, workflowSchema } from '../../../src/interfaces/http/workflows/workflow.responses.js';
import { plannedStep } from '../../domain/support/planned-steps.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const AT = '2026-02-14T10:30:01.000Z';
const summary: WorkflowSummary = {
  workflowId: 7,
  userId: 1,
  intent: 'x',
  state: 'RUNNING',
  revision: 9,
  createdAt: AT,
  finishedAt: null,
  reason: null,
  rerunOf: 5,
  compensates: 4,
  forkOf: 3,
  scheduleId: 4,
  scheduledFor: AT,
  startAt: AT,
  deadline: null,
  onFailure: 'skip',
  priority: 'high',
  stepCount: 1,
  waitingFor: [{ kind: 'approval', stepId: 1, since: AT, until: null, approvalId: 3 }],
  outcome: null,
};
const step: WorkflowStepView = {
  stepId: 1,
  key: 'search',
  name: 'Search',
  tool: 'job_search',
  toolVersion: '1.0.0',
  riskLevel: 'L0',
  state: 'FAILED',
  dependsOn: ['first'],
  attempts: 2,
  args: { fooBar: 1 },
  output: [null, { camelCase: true }],
  error: { code: 'tool.timeout', message: 'too slow', retryable: true, effect: 'unknown' },
  skipCause: null,
  startedAt: AT,
  finishedAt: null,
};
const approval: ShownApproval = {
  approvalId: 3,
  workflowId: 7,
  userId: 1,
  intent: 'x',
  stepId: 1,
  stepName: 'Submit',
  tool: 'job_submit',
  toolVersion: '1.0.0',
  riskLevel: 'L3',
  reason: 'High-risk operation: Submit (risk level: L3)',
  status: 'rejected',
  args: { job: 1 },
  argsHash: 'a'.repeat(64),
  requestedAt: AT,
  reminders: 2,
  decidedAt: AT,
  decidedBy: 10,
  decisionReason: 'Too risky',
  summary: 'Send the application to Acme',
  shows: ['/job'],
  irreversible: null,
};
const approvalJson = {
  approval_id: 3,
  workflow_id: 7,
  user_id: 1,
  intent: 'x',
  step_id: 1,
  step_name: 'Submit',
  tool: 'job_submit',
  tool_version: '1.0.0',
  risk_level: 'L3',
  reason: 'High-risk operation: Submit (risk level: L3)',
  status: 'rejected',
  args: { job: 1 },
  args_hash: 'a'.repeat(64),
  requested_at: AT,
  reminders: 2,
  decided_at: AT,
  decided_by: 10,
  decision_reason: 'Too risky',
  summary: 'Send the application to Acme',
  shows: ['/job'],
  irreversible: null,
};

describe('questions over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
  });

  const ask = async (path: string, answer: unknown): Promise<unknown> => {
    http.answer(() => answer);
    const { status, body } = await send(`${http.url}${path}`);
    expect(status).toBe(200);
    return body;
  };

  it('shows a run with its steps', async () => {
    const wait = { kind: 'dead_letter', stepId: 1, since: AT, until: null, approvalId: null };
    const body = await ask('/api/workflows/7', {
      ...summary,
      waitingFor: [wait],
      reruns: [9],
      compensatedBy: 11,
      forks: [12],
      steps: [step],
    });
    expect(body).toEqual({
      workflow_id: 7,
      user_id: 1,
      intent: 'x',
      state: 'RUNNING',
      reason: null,
      rerun_of: 5,
      compensates: 4,
      fork_of: 3,
      shadow: true,
      schedule_id: 4,
      scheduled_for: AT,
      start_at: AT,
      deadline: null,
      on_failure: 'skip',
      priority: 'high',
      reruns: [9],
      compensated_by: 11,
      forks: [12],
      revision: 9,
      created_at: AT,
      finished_at: null,
      waiting_for: [{ kind: 'dead_letter', step_id: 1, since: AT, until: null, approval_id: null }],
      outcome: null,
      steps: [
        {
          step_id: 1,
          key: 'search',
          name: 'Search',
          tool: 'job_search',
          tool_version: '1.0.0',
          risk_level: 'L0',
          state: 'FAILED',
          depends_on: ['first'],
          attempts: 2,
          args: { fooBar: 1 },
          output: [null, { camelCase: true }],
          error: { code: 'tool.timeout', message: 'too slow', retryable: true, effect: 'unknown' },
          skip_cause: null,
          started_at: AT,
          finished_at: null,
        },
      ],
    });
    workflowSchema.parse(body);
    expect(http.asked).toEqual([new GetWorkflow({ workflowId: 7 })]);
  });

  it('lists runs with filters and pages', async () => {
    const body = await ask('/api/workflows?user_id=1&state=RUNNING&waiting_for=approval&q=Gym&cursor=abc&limit=500&min_position=18', {
      items: [summary],
      nextCursor: 'next',
    });
    const waits = [{ kind: 'approval', step_id: 1, since: AT, until: null, approval_id: 3 }];
    expect(body).toMatchObject({ items: [{ workflow_id: 7, step_count: 1, waiting_for: waits, outcome: null }], next_cursor: 'next' });
    workflowPageSchema.parse(body);
    await ask('/api/workflows', { items: [], nextCursor: null });
    expect(http.asked).toEqual([
      new ListWorkflows({
        minPosition: 18n,
        filter: { userId: 1, state: 'RUNNING', waitingFor: 'approval', text: 'Gym' },
        page: { cursor: 'abc', limit: 500 },
      }),
      new ListWorkflows({ filter: {}, page: { limit: 50 } }),
    ]);
  });

  it('shows the timeline', async () => {
    const entry: LoggedEntry = {
      id: 4,
      workflowId: 7,
      // Beyond what a JSON number holds exactly.
      position: 2n ** 62n + 1n,
      type: 'step_ready',
      message: 'Step ready: Search',
      stepId: 1,
      at: AT,
      data: { attempt: 1 },
    };
    const body = await ask('/api/workflows/7/timeline?after=3&limit=10000', {
      workflowId: 7,
      state: 'RUNNING',
      waitingFor: [],
      entries: [entry],
      next: 4,
    });
    expect(body).toEqual({
      workflow_id: 7,
      state: 'RUNNING',
      waiting_for: [],
      events: [
        {
          id: 4,
          position: '4611686018427387905',
          type: 'step_ready',
          message: 'Step ready: Search',
          step_id: 1,
          at: AT,
          data: { attempt: 1 },
        },
      ],
      next: 4,
    });
    timelineSchema.parse(body);
    await ask('/api/workflows/7/timeline', { workflowId: 7, state: 'RUNNING', waitingFor: [], entries: [], next: null });
    expect(http.asked).toEqual([
      new GetTimeline({ workflowId: 7, after: 3, limit: 10_000 }),
      new GetTimeline({ workflowId: 7, limit: 1_000 }),
    ]);
  });

  it('shows stored events as they are, and where to go on', async () => {
    const event: RecordedEvent = {
      id: 'c0ffee00-0000-4000-8000-000000000000',
      streamId: 'workflow-7',
      revision: 4,
      position: 9_007_199_254_740_993n,
      type: 'StepReady',
      data: { workflowId: 7, stepId: 1 },
      metadata: { $correlationId: 'workflow-7', commandId: 'x' },
    };
    const body = await ask('/api/workflows/7/events?from=4&limit=1', [event]);
    expect(body).toEqual({
      workflow_id: 7,
      events: [
        {
          event_id: event.id,
          revision: 4,
          position: '9007199254740993',
          type: 'StepReady',
          data: event.data,
          metadata: event.metadata,
        },
      ],
      next_from: 5,
    });
    storedEventsSchema.parse(body);
    expect(await ask('/api/workflows/7/events', [event])).toMatchObject({ next_from: null });
    expect(http.asked).toEqual([
      new GetWorkflowEvents({ workflowId: 7, from: 4, limit: 1 }),
      new GetWorkflowEvents({ workflowId: 7, from: 0, limit: 50 }),
    ]);
  });

  it('shows a run as it was', async () => {
    expect(await ask('/api/workflows/7/state?revision=0', { workflow_id: 7 })).toEqual({ workflow_id: 7 });
    await ask(`/api/workflows/7/state?at=${encodeURIComponent('2026-02-14T12:30:01+02:00')}`, {});
    await ask('/api/workflows/7/state', {});
    expect(http.asked).toEqual([
      new GetWorkflowState({ workflowId: 7, revision: 0 }),
      new GetWorkflowState({ workflowId: 7, at: '2026-02-14T12:30:01+02:00' }),
      new GetWorkflowState({ workflowId: 7 }),
    ]);
  });

  it('shows approvals of a run and of all', async () => {
    const ofRun = await ask('/api/approvals/workflow/7?min_position=5', [approval]);
    expect(ofRun).toEqual([approvalJson]);
    approvalsSchema.parse(ofRun);
    const page = await ask('/api/approvals?status=required', { items: [approval], nextCursor: null });
    expect(page).toEqual({ items: [approvalJson], next_cursor: null });
    approvalPageSchema.parse(page);
    expect(http.asked).toEqual([
      new GetWorkflowApprovals({ minPosition: 5n, workflowId: 7 }),
      new ListApprovals({ status: 'required', page: { limit: 50 } }),
    ]);
  });

  it('shows one approval, and what a decision about it means', async () => {
    const detail: ApprovalDetail = {
      ...approval,
      irreversible: true,
      rejectionSkips: { steps: [plannedStep(2)], count: 101 },
      sources: [{ place: '/job', stepId: 4, stepName: 'Search' }],
    };
    const body = await ask('/api/approvals/3?min_position=5', detail);
    expect(body).toEqual({
      ...approvalJson,
      irreversible: true,
      rejection_skips: [{ step_id: 2, step_name: 'Step 2' }],
      rejection_skips_count: 101,
      sources: [{ place: '/job', step_id: 4, step_name: 'Search' }],
    });
    approvalDetailSchema.parse(body);
    expect(http.asked).toEqual([new GetApproval({ minPosition: 5n, approvalId: 3 })]);
  });

  it('lists dead letters', async () => {
    const letter: DeadLetterView = {
      workflowId: 7,
      userId: 1,
      intent: 'x',
      stepId: 1,
      stepName: 'Search',
      tool: 'job_search',
      attempts: 3,
      args: {},
      error: step.error!,
      deadLetteredAt: AT,
      failures: [{ attempt: 1, at: AT, error: step.error! }],
    };
    expect(await ask('/api/dead-letters', { items: [letter], nextCursor: null })).toEqual({
      items: [
        {
          workflow_id: 7,
          user_id: 1,
          intent: 'x',
          step_id: 1,
          step_name: 'Search',
          tool: 'job_search',
          attempts: 3,
          args: {},
          error: step.error,
          dead_lettered_at: AT,
          failures: [{ attempt: 1, at: AT, error: step.error }],
        },
      ],
      next_cursor: null,
    });
    expect(http.asked).toEqual([new ListDeadLetters({ filter: {}, page: { limit: 50 } })]);
  });

  const SEARCH = {
    name: 'job_search',
    version: '1.0.0',
    description: 'Searches',
    riskLevel: 'L0',
    effect: 'read-only',
    timeoutMs: 1_000,
    retry: DEFAULT_RETRY_POLICY,
    concurrency: 4,
    inputSchema: { type: 'object' },
    outputSchema: { type: 'array' },
  };

  it('lists the tools', async () => {
    expect(await ask('/api/tools', [{ ...SEARCH, rate: { calls: 10, perMs: 60_000 } }])).toEqual([
      {
        name: 'job_search',
        version: '1.0.0',
        description: 'Searches',
        risk_level: 'L0',
        effect: 'read-only',
        timeout_ms: 1_000,
        retry: { max_attempts: 3, initial_delay_ms: 500, multiplier: 2, max_delay_ms: 30_000, jitter: 0.5 },
        concurrency: 4,
        rate: { calls: 10, per_ms: 60_000 },
        input_schema: { type: 'object' },
        output_schema: { type: 'array' },
        undo: null,
        irreversible: false,
        summary: null,
        shows: [],
      },
    ]);
    expect(http.asked[0]).toBeInstanceOf(ListTools);
  });

  it('says of tools with an effect how they are undone, or that they cannot be', async () => {
    const sending = { ...SEARCH, name: 'email_send', effect: 'idempotent' };
    const undo = { tool: 'calendar_cancel', args: { uids: { $from: 'output', path: '/uids' } } };
    const read = { summary: 'Send it to {/recipient}', shows: ['/recipient'] };
    expect(
      await ask('/api/tools', [
        { ...sending, ...read },
        { ...sending, name: 'calendar_create', undo },
      ]),
    ).toMatchObject([
      { name: 'email_send', rate: null, undo: null, irreversible: true, ...read },
      { name: 'calendar_create', undo, irreversible: false },
    ]);
  });
});
