import { EventStoreDBClient } from '@eventstore/db-client';
import fc from 'fast-check';
import { until } from '@lifeos/test-support';
import { EventLogUnavailable, type RecordedEvent } from '../../src/application/ports/event-log.js';
import { DecideApproval } from '../../src/application/workflow/decide-approval.command.js';
import type { PlanStep } from '../../src/domain/plan/plan.js';
import { RISK_LEVELS } from '../../src/domain/risk/risk-level.js';
import { randomGraph } from '../domain/support/random-plans.js';
import { ACTOR, step, submitPlan } from './support/submissions.js';
import { retryStep } from './support/attempts.js';
import { applicationsOver, type TestApplication } from './support/test-application.js';
import { sharedStore } from './support/test-store.js';
import { echo, toolsOf } from './support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** Plans whose steps use the output of one step that they depend on, where they depend on any. */
const randomSteps: fc.Arbitrary<readonly PlanStep[]> = randomGraph.chain((graph) =>
  fc.array(fc.constantFrom(...RISK_LEVELS), { minLength: graph.length, maxLength: graph.length }).map((levels) =>
    graph.map((before, at) =>
      step(`k${at}`, {
        dependsOn: before.map((index) => `k${index}`),
        riskLevel: levels[at]!,
        ...(before.length > 0 ? { args: { text: { $from: `k${before[0]!}`, path: '/text' } } } : {}),
      }),
    ),
  ),
);

/** After so many appends, over and over, the answer is lost: the writer is told that nothing is known of its outcome. */
function loseAnswers(app: TestApplication, gaps: readonly number[]): void {
  let n = 0;
  let left = gaps[0]!;
  app.log.afterAppend = () => {
    if (left-- > 0) return undefined;
    left = gaps[++n % gaps.length]!;
    return Promise.reject(new EventLogUnavailable('the answer was lost'));
  };
}

const isFinal = ({ type }: RecordedEvent): boolean => type === 'WorkflowCompleted';

/** Asks again where the outcome was not known, as people and timers do: the same command twice is one. */
async function insist(command: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await command();
      return;
    } catch (error) {
      if (!(error instanceof EventLogUnavailable)) throw error;
    }
  }
}

/** Decides what is asked, as the dice say, and repeats attempts that were interrupted, until the run is over. */
async function bringToItsEnd(app: TestApplication, workflowId: number, dice: readonly number[]): Promise<RecordedEvent[]> {
  let events: RecordedEvent[] = [];
  let seen = 0;
  await until(
    () =>
      `the end of run ${workflowId}, which has ${events.map(({ type, data }) => `${type} ${JSON.stringify(data['stepId']) ?? ''}`).join(', ')}`,
    async () => {
      events = await store().eventsOf(workflowId);
      for (const { type, data } of events.slice(seen)) {
        if (type === 'ApprovalRequested') {
          const decision = { approvalId: data['approvalId'] as number, decidedBy: 10, actor: ACTOR };
          const isRejected = dice[decision.approvalId % dice.length] === 1;
          const verdict = isRejected ? ({ verdict: 'reject', reason: 'no' } as const) : ({ verdict: 'approve' } as const);
          await insist(() => app.execute<unknown>(new DecideApproval({ ...decision, ...verdict })));
        } else if (type === 'StepRetryScheduled') {
          const { stepId, attempt, dueAt } = data as { readonly stepId: number; readonly attempt: number; readonly dueAt: string };
          await until('the time of the retry', () => Date.parse(dueAt) <= Date.now());
          await insist(() => retryStep(app, { workflowId, stepId, attempt }));
        }
      }
      seen = events.length;
      return events.some(isFinal);
    },
    120_000,
  );
  return events;
}

/** What the engines said, and where the groups are: a run that does not end is hard to bring about again. */
async function situation(engines: readonly TestApplication[]): Promise<string> {
  const client = EventStoreDBClient.connectionString(store().node.connectionString);
  try {
    const groups = (await client.listAllPersistentSubscriptions()).map(({ groupName, stats }) => ({ groupName, stats }));
    const said = engines.map(({ logger }) => logger.lines.slice(-30));
    return JSON.stringify({ said, groups }, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 1);
  } finally {
    await client.dispose();
  }
}

/** Knows nothing but the plan and what the engine promises. Numbers are those of the invariants. */
function check(steps: readonly PlanStep[], events: readonly RecordedEvent[]): void {
  expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
  expect(events.filter(isFinal)).toEqual([events.at(-1)]);
  const of = (type: string, stepId: number) => events.filter((event) => event.type === type && event.data['stepId'] === stepId);
  const stepIdOf = (key: string): number => steps.findIndex((one) => one.key === key) + 1;
  steps.forEach(({ key, dependsOn, riskLevel }) => {
    const stepId = stepIdOf(key);
    const [ready, started, succeeded, skipped] = ['StepReady', 'StepStarted', 'StepSucceeded', 'StepSkipped'].map((type) =>
      of(type, stepId),
    );
    // 10, 14: settled once, and never begun again.
    expect(succeeded!.length + skipped!.length).toBe(1);
    const attempts = started!.map(({ data }) => data['attempt'] as number);
    expect(attempts).toEqual(attempts.map((_, index) => index + 1));
    expect(ready!.map(({ data }) => data['attempt'])).toEqual(attempts);
    if (skipped!.length === 1) {
      expect(ready).toEqual([]);
      return;
    }
    // 8: begun after all that it depends on succeeded.
    for (const before of dependsOn) expect(of('StepSucceeded', stepIdOf(before))[0]!.revision).toBeLessThan(ready![0]!.revision);
    // 15: high risk only after it was granted, over the very arguments that were shown.
    const [requested, granted] = ['ApprovalRequested', 'ApprovalGranted'].map((type) => of(type, stepId));
    expect(requested).toHaveLength(riskLevel === 'L3' ? 1 : 0);
    if (riskLevel !== 'L3') return;
    expect(granted).toHaveLength(1);
    expect(granted![0]!.revision).toBeLessThan(ready![0]!.revision);
    expect(ready![0]!.data['argsHash']).toBe(requested![0]!.data['argsHash']);
  });
}

describe('two engines over one store', () => {
  it('finish every run as planned although answers are lost on the way (invariants 8, 10, 14, 15)', async () => {
    const tools = toolsOf(echo({ maxAttempts: 50 }));
    const engines = await Promise.all(['one', 'two'].map((worker) => application({ worker, tools })));
    for (const engine of engines) {
      await engine.startSagas();
      await engine.startExecutor();
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomSteps, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 20, maxLength: 20 }),
        async (plans, dice) => {
          const runs = await Promise.all(plans.map((steps) => submitPlan(engines[0]!, ...steps)));
          engines.forEach((engine, index) => loseAnswers(engine, dice.slice(index)));
          try {
            const histories = await Promise.all(runs.map(({ workflowId }, index) => bringToItsEnd(engines[index % 2]!, workflowId, dice)));
            histories.forEach((events, index) => check(plans[index]!, events));
          } catch (error) {
            throw new Error(await situation(engines), { cause: error });
          } finally {
            for (const engine of engines) engine.log.afterAppend = () => undefined;
          }
        },
      ),
      // Each is a whole life of several runs: a failure is reported as it is.
      { numRuns: 8, endOnFailure: true },
    );
  }, 600_000);

  it('ask for several approvals although one answer in four is lost', async () => {
    const engine = await application({ worker: 'asking' });
    await engine.startSagas();
    loseAnswers(engine, [2, 3, 4, 1, 5]);
    const steps = Array.from({ length: 6 }, (_, index) => step(`k${index}`, { riskLevel: 'L3' }));
    const { workflowId } = await submitPlan(engine, ...steps);
    await until(
      () => `the requests; said: ${engine.logger.lines.join('; ')}`,
      async () => (await store().typesOf(workflowId)).filter((type) => type === 'ApprovalRequested').length === steps.length,
    );
  });
});
