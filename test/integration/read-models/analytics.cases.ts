import fc from 'fast-check';
import type { AnalyticsQuestion } from '../../../src/application/ports/analytics.js';
import { DatabaseAnalyticsReader } from '../../../src/infrastructure/read-models/analytics/analytics.reader.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { emptyAll } from './support/databases.js';
import { project } from './support/projecting.js';
import { randomRuns, seededPick } from './support/random-log.js';
import { expectFigures } from './support/recount.js';
import { logOf, plannedStep, Run, START } from './support/run.js';
import { tablesOf } from './support/tables.js';

const EVER: AnalyticsQuestion = { from: 0, to: START * 2, starts: [0] };

/** Periods in which something of the histories happens, and something does not. */
const question: fc.Arbitrary<AnalyticsQuestion> = fc
  .record({
    from: fc.integer({ min: -5, max: 30 }),
    lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
    userId: fc.constantFrom(undefined, undefined, 0, 1, 2, 7),
  })
  .map(({ from, lengths, userId }) => {
    const bounds = lengths.reduce((before, length) => [...before, before.at(-1)! + length], [from]).map((second) => START + second * 1_000);
    return { from: bounds[0]!, to: bounds.at(-1)!, starts: bounds.slice(0, -1), ...(userId === undefined ? {} : { userId }) };
  });

/** What is counted of runs, attempts and approvals. */
export function describeAnalytics(database: () => Database): void {
  it('invariant 27: every figure of any period is that of a recount over the log, live in any batches as after a rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomRuns(4),
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 }),
        fc.array(question, { minLength: 2, maxLength: 4 }),
        async (runs, seed, sizes, questions) => {
          await emptyAll(database());
          const log = logOf(runs, seededPick(seed));
          await project(database(), log, sizes);
          for (const asked of [EVER, ...questions]) await expectFigures(database(), log, asked);
          const live = await tablesOf(database());
          await emptyAll(database());
          await project(database(), log);
          expect(await tablesOf(database())).toEqual(live);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([1, 100])('keeps nothing open of runs that have ended, in batches of %i events', async (size) => {
    const risky = plannedStep(2, { riskLevel: 'L3' });
    const done = new Run(1).submit().plan(plannedStep(1), risky).fail(1).retry(1).succeed(1, {}, 2).approve(2).succeed(2);
    const stopped = new Run(2).submit().plan(plannedStep(1), risky).start(1).cancel().endStopping();
    const log = logOf([done, stopped]);
    await project(database(), log, [size]);
    const tables = await tablesOf(database());
    expect(tables['analytics_open']).toEqual([]);
    expect(tables['analytics_runs']).toHaveLength(2);
    expect(tables['analytics_attempts']).toHaveLength(4);
    expect(tables['analytics_approvals']).toHaveLength(2);
    await expectFigures(database(), log, EVER);
  });

  it('an approval that is open at a stop is void, though the run goes on until its attempts end', async () => {
    const run = new Run(1)
      .submit()
      .plan(plannedStep(1), plannedStep(2, { riskLevel: 'L3' }))
      .start(1)
      .cancel();
    for (const sizes of [[1], [100]]) {
      await emptyAll(database());
      await project(database(), logOf([run]), sizes);
      expect(await new DatabaseAnalyticsReader(database()).approvals(EVER)).toMatchObject([
        { requested: 1, void: 1, open: 0, p50Ms: null },
      ]);
    }
  });

  it.each([1, 100])('counts nothing of a shadow, in batches of %i events', async (size) => {
    const data = { userId: 7, intent: 'what if', approvalFrom: 'L3', timeZone: 'UTC', keyPrefix: 'run', steps: [plannedStep(1)] } as const;
    const fork = { workflowId: 1, revision: 2, decisions: {}, edited: [], outputs: [] };
    const shadow = new Run(2)
      .do('SubmitIntent', { ...data, fork })
      .schedule()
      .fail(1)
      .retry(1)
      .succeed(1, {}, 2);
    expect(shadow.state.state).toBe('SUCCEEDED');
    await project(database(), logOf([shadow]), [size]);
    const tables = await tablesOf(database());
    for (const table of ['open', 'runs', 'attempts', 'approvals']) expect(tables[`analytics_${table}`]).toEqual([]);
  });

  it('a step that a person completes is no attempt', async () => {
    const run = new Run(1).submit().plan(plannedStep(1)).fail(1, 1, false).complete(1);
    await project(database(), logOf([run]), [1]);
    const reader = new DatabaseAnalyticsReader(database());
    expect(await reader.tools(EVER)).toMatchObject([
      { attempts: 1, succeeded: 0, failed: 1, failures: [{ code: 'job_search.unlucky', count: 1 }] },
    ]);
    expect(await reader.summary(EVER)).toMatchObject({ total: { ended: 1, succeeded: 1 } });
  });

  it('answers of a period in which nothing happened', async () => {
    const none = { ended: 0, succeeded: 0, failed: 0, cancelled: 0, p50Ms: null, p95Ms: null };
    const reader = new DatabaseAnalyticsReader(database());
    const asked = { from: 0, to: 10, starts: [0, 5] };
    expect(await reader.summary(asked)).toEqual({ total: none, parts: [none, none], failedRuns: [], failedAttempts: [] });
    expect([await reader.tools(asked), await reader.approvals(asked)]).toEqual([[], []]);
  });
}
