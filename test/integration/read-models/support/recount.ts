import type { AnalyticsQuestion } from '../../../../src/application/ports/analytics.js';
import type { RecordedEvent } from '../../../../src/application/ports/event-log.js';
import { workflowEventOf } from '../../../../src/application/workflow/workflow-codec.js';
import type { WorkflowEvent } from '../../../../src/domain/workflow/events/workflow-events.js';
import { DatabaseAnalyticsReader } from '../../../../src/infrastructure/read-models/analytics/analytics.reader.js';
import type { Database } from '../../../../src/infrastructure/read-models/database/database.js';

/** The smallest value that at least this share of all does not exceed. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.find((_, index) => (index + 1) / sorted.length >= share) ?? null;
}

const percentiles = (values: readonly number[]) => ({ p50Ms: percentile(values, 0.5), p95Ms: percentile(values, 0.95) });

const how = <T>(list: readonly T[], is: (item: T) => boolean): number => list.filter(is).length;

function byKey<T>(list: readonly T[], key: (item: T) => unknown): readonly (readonly T[])[] {
  const keys = [...new Set(list.map((item) => JSON.stringify(key(item))))].sort();
  return keys.map((wanted) => list.filter((item) => JSON.stringify(key(item)) === wanted));
}

const codes = (failures: readonly { readonly code: string }[]) =>
  byKey(failures, ({ code }) => code)
    .map((same) => ({ code: same[0]!.code, count: same.length }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));

/** The figures, counted one by one over the events of a log. */
export function recount(log: readonly RecordedEvent[], { from, to, starts, userId }: AnalyticsQuestion) {
  const events = log.flatMap((recorded) => workflowEventOf(recorded) ?? []);
  const first = <T extends WorkflowEvent['type']>(type: T, is: (data: WorkflowEvent<T>['data']) => boolean) =>
    events.find(({ type: of, data }) => of === type && is(data as WorkflowEvent<T>['data']))?.data as WorkflowEvent<T>['data'] | undefined;
  const submission = (workflowId: number) => first('WorkflowSubmitted', (data) => data.workflowId === workflowId)!;
  const isWanted = (workflowId: number, at: string): boolean =>
    Date.parse(at) >= from && Date.parse(at) < to && (userId === undefined || submission(workflowId).userId === userId);
  const partOf = (at: string): number => starts.findLastIndex((start) => start <= Date.parse(at));

  const runs = events.flatMap(({ type, data }) =>
    (type === 'WorkflowCompleted' || type === 'WorkflowFailed' || type === 'WorkflowCancelled') && isWanted(data.workflowId, data.at)
      ? [{ type, part: partOf(data.at), ms: Date.parse(data.at) - Date.parse(submission(data.workflowId).at), data }]
      : [],
  );
  const figuresOf = (some: readonly (typeof runs)[number][]) => ({
    ended: some.length,
    succeeded: how(some, ({ type }) => type === 'WorkflowCompleted'),
    failed: how(some, ({ type }) => type === 'WorkflowFailed'),
    cancelled: how(some, ({ type }) => type === 'WorkflowCancelled'),
    ...percentiles(some.map(({ ms }) => ms)),
  });

  const attempts = events.flatMap(({ type, data }) => {
    if ((type !== 'StepSucceeded' && type !== 'StepFailed') || !isWanted(data.workflowId, data.at)) return [];
    if (type === 'StepSucceeded' && data.byHand) return [];
    const { workflowId, stepId, attempt, at } = data;
    const started = first('StepStarted', (one) => one.workflowId === workflowId && one.stepId === stepId && one.attempt === attempt)!;
    const code = type === 'StepFailed' ? data.error.code : null;
    return [
      { part: partOf(at), tool: started.tool, toolVersion: started.toolVersion ?? null, ms: Date.parse(at) - Date.parse(started.at), code },
    ];
  });
  const failuresOf = (some: readonly (typeof attempts)[number][]) => codes(some.flatMap(({ code }) => (code === null ? [] : [{ code }])));

  const requests = events.flatMap((event, index) => {
    if (event.type !== 'ApprovalRequested' || !isWanted(event.data.workflowId, event.data.at)) return [];
    const { approvalId, workflowId, at, tool, riskLevel } = event.data;
    const decided = events.flatMap(({ type, data }) =>
      (type === 'ApprovalGranted' || type === 'ApprovalRejected') && data.approvalId === approvalId ? [{ type, data }] : [],
    )[0];
    const isStopped = events
      .slice(index)
      .some(({ type, data }) => /^Workflow(Stopping|Failed|Cancelled|Completed)$/.test(type) && data.workflowId === workflowId);
    const verdict = decided ? decided.type : isStopped ? 'void' : 'open';
    const ms = decided ? [Date.parse(decided.data.at) - Date.parse(at)] : [];
    return [{ part: partOf(at), tool, riskLevel, verdict, ms, decidedBy: decided?.data.decidedBy }];
  });
  const verdicts = (some: readonly (typeof requests)[number][]) => ({
    approved: how(some, ({ verdict }) => verdict === 'ApprovalGranted'),
    rejected: how(some, ({ verdict }) => verdict === 'ApprovalRejected'),
  });

  return {
    summary: {
      total: figuresOf(runs),
      parts: starts.map((_, part) => figuresOf(runs.filter((run) => run.part === part))),
      failedRuns: codes(runs.flatMap((run) => ('code' in run.data ? [{ code: run.data.code }] : []))),
      failedAttempts: failuresOf(attempts),
    },
    tools: byKey(attempts, ({ part, tool, toolVersion }) => [part, tool, toolVersion]).map((same) => ({
      part: same[0]!.part,
      tool: same[0]!.tool,
      toolVersion: same[0]!.toolVersion,
      attempts: same.length,
      succeeded: how(same, ({ code }) => code === null),
      failed: how(same, ({ code }) => code !== null),
      ...percentiles(same.map(({ ms }) => ms)),
      failures: failuresOf(same),
    })),
    approvals: byKey(requests, ({ part, riskLevel, tool }) => [part, riskLevel, tool]).map((same) => ({
      part: same[0]!.part,
      riskLevel: same[0]!.riskLevel,
      tool: same[0]!.tool,
      requested: same.length,
      ...verdicts(same),
      void: how(same, ({ verdict }) => verdict === 'void'),
      open: how(same, ({ verdict }) => verdict === 'open'),
      ...percentiles(same.flatMap(({ ms }) => ms)),
      deciders: byKey(
        same.filter(({ decidedBy }) => decidedBy !== undefined),
        ({ decidedBy }) => decidedBy,
      )
        .map((of) => ({ decidedBy: of[0]!.decidedBy, ...verdicts(of) }))
        .sort((a, b) => b.approved + b.rejected - a.approved - a.rejected || a.decidedBy! - b.decidedBy!),
    })),
  };
}

/** Every figure that the read model has of a period is that of the log. */
export async function expectFigures(database: Database, log: readonly RecordedEvent[], question: AnalyticsQuestion): Promise<void> {
  const reader = new DatabaseAnalyticsReader(database);
  const [summary, tools, approvals] = [await reader.summary(question), await reader.tools(question), await reader.approvals(question)];
  expect({ summary, tools, approvals }).toEqual(recount(log, question));
}
