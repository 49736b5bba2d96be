import fc from 'fast-check';
import { describeWorkflow } from '../../../src/application/replay/describe-workflow.js';
import { loggedEntryOf } from '../../../src/application/timeline/logged-entry.js';
import { WAIT_KINDS, waitsOf } from '../../../src/domain/workflow/waiting.js';
import type { ToolWait } from '../../../src/application/ports/read-models.js';
import { isFinalRunState, type Priority, type ToolLack } from '../../../src/domain/workflow/lifecycle.js';
import { workflowEventOf, workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { DatabaseApprovalsReader } from '../../../src/infrastructure/read-models/approvals/approvals.reader.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { DatabaseDeadLettersReader } from '../../../src/infrastructure/read-models/dead-letters/dead-letters.reader.js';
import { DatabaseToolWaitsReader } from '../../../src/infrastructure/read-models/tool-waits/tool-waits.reader.js';
import { DatabaseTimersReader } from '../../../src/infrastructure/read-models/timers/timers.reader.js';
import { DatabaseTimelineReader } from '../../../src/infrastructure/read-models/timeline/timeline.reader.js';
import { DatabaseWorkflowsReader } from '../../../src/infrastructure/read-models/workflows/workflows.reader.js';
import { emptyAll } from './support/databases.js';
import { expectFigures } from './support/recount.js';
import { expectedApprovals, expectedWorkflow, stored } from './support/expected-rows.js';
import { project } from './support/projecting.js';
import { randomRuns, seededPick } from './support/random-log.js';
import { logOf, plannedStep, Run, START } from './support/run.js';

const ALL = { limit: 1_000 };
const at = (run: Run, type: string): string => run.events.find((event) => event.type === type)!.data.at;

/** What each read model makes of a history. */
export function describeProjections(database: () => Database): void {
  const workflows = () => new DatabaseWorkflowsReader(database());
  const timeline = () => new DatabaseTimelineReader(database());
  const approvals = () => new DatabaseApprovalsReader(database());
  const deadLetters = () => new DatabaseDeadLettersReader(database());
  const toolWaits = () => new DatabaseToolWaitsReader(database());
  const timers = () => new DatabaseTimersReader(database());

  describe('the workflows', () => {
    it('show a run that is being planned, without steps', async () => {
      const run = new Run(1).submit('find two jobs', 42);
      await project(database(), logOf([run]));
      expect(await workflows().find(1)).toEqual({
        workflowId: 1,
        userId: 42,
        intent: 'find two jobs',
        state: 'PLANNING',
        revision: 0,
        createdAt: at(run, 'WorkflowSubmitted'),
        finishedAt: null,
        outcome: null,
        reason: null,
        rerunOf: null,
        compensates: null,
        forkOf: null,
        forks: [],
        scheduleId: null,
        scheduledFor: null,
        startAt: null,
        deadline: null,
        onFailure: 'wait',
        priority: 'normal',
        reruns: [],
        compensatedBy: null,
        stepCount: 0,
        waitingFor: [],
        steps: [],
      });
    });

    it('know nothing of a run that only has parts of a plan', async () => {
      const part = { type: 'PlanPartRecorded', data: { workflowId: 1, at: '', offset: 0, steps: [plannedStep(1)] } } as const;
      await project(database(), logOf([new Run(1).record([part])]));
      expect(await workflows().find(1)).toBeUndefined();
      expect(await workflows().status(1)).toBeUndefined();
    });

    it('show the steps of a run with what became of them', async () => {
      const run = new Run(1)
        .submit()
        .plan(
          plannedStep(1),
          plannedStep(2, { dependsOn: ['s1'], args: { of: { $from: 's1', path: '/found' } } }),
          plannedStep(3, { riskLevel: 'L3' }),
          plannedStep(4),
          plannedStep(5),
        )
        .succeed(1)
        .start(2)
        .fail(4)
        .retry(4)
        .fail(5, 1, false);
      await project(database(), logOf([run]));
      const view = await workflows().find(1);
      expect(view).toMatchObject({ state: 'RUNNING', stepCount: 5, finishedAt: null, revision: run.events.length - 1 });
      expect(view!.steps.map(({ state, attempts }) => [state, attempts])).toEqual([
        ['SUCCEEDED', 1],
        ['RUNNING', 1],
        ['BLOCKED', 0],
        ['READY', 1],
        ['FAILED', 1],
      ]);
      expect(view!.steps[0]).toMatchObject({ output: { found: 1 }, error: null, finishedAt: at(run, 'StepSucceeded') });
      expect(view!.steps[1]).toMatchObject({ args: { of: 1 }, output: null });
      expect(view!.steps[4]!.error).toEqual({ code: 'job_search.unlucky', message: 'no luck', retryable: false, effect: 'none' });
    });

    it.each([
      ['SUCCEEDED', (run: Run) => run.plan(plannedStep(1)).succeed(1), null, 'WorkflowCompleted'],
      ['FAILED', (run: Run) => run.do('RecordPlanFailure', { code: 'plan.none', reason: 'no idea' }), 'no idea', 'WorkflowFailed'],
      ['CANCELLED', (run: Run) => run.cancel('enough'), 'enough', 'WorkflowCancelled'],
    ] as const)('show a run that is %s, since when and why', async (state, end, reason, lastEvent) => {
      const run = end(new Run(1).submit());
      await project(database(), logOf([run]));
      expect(await workflows().find(1)).toMatchObject({ state, reason, finishedAt: at(run, lastEvent) });
    });

    it('cancel every step of a cancelled run that is not settled, whichever batch planned it', async () => {
      const run = new Run(1).submit().plan(plannedStep(1), plannedStep(2), plannedStep(3, { riskLevel: 'L3' }), plannedStep(4));
      run.succeed(1).start(2).cancel().endStopping();
      for (const sizes of [[1], [run.events.length]]) {
        await emptyAll(database());
        await project(database(), logOf([run]), sizes);
        const { steps } = (await workflows().find(1))!;
        expect(steps.map(({ state }) => state)).toEqual(['SUCCEEDED', 'FAILED', 'CANCELLED', 'CANCELLED']);
        expect(steps[3]!.finishedAt).toBe(at(run, 'WorkflowCancelled'));
      }
    });

    it('do not call an attempt started that a cancel came before', async () => {
      const run = new Run(1).submit().plan(plannedStep(1)).cancel();
      await project(database(), logOf([run]));
      expect((await workflows().find(1))!.steps[0]!.attempts).toBe(0);
      expect(describeWorkflow({ state: run.state, revision: 2, position: 0n })).toMatchObject({ steps: [{ attempts: 0 }] });
    });

    it('know which run undoes which', async () => {
      const undone = new Run(1).submit().plan(plannedStep(1)).succeed(1);
      const steps = [plannedStep(1, { key: 'undo-1' })];
      const data = { userId: 7, intent: 'undo it', approvalFrom: 'L3', timeZone: 'UTC', keyPrefix: 'run' } as const;
      const undoing = new Run(2).do('SubmitIntent', { ...data, steps, compensates: { workflowId: 1 } });
      await project(database(), logOf([undone, undoing]));
      expect(await workflows().find(1)).toMatchObject({ compensates: null, compensatedBy: 2 });
      expect(await workflows().find(2)).toMatchObject({ compensates: 1, compensatedBy: null });
    });

    it('know which run is a shadow of which', async () => {
      const original = new Run(1).submit().plan(plannedStep(1)).succeed(1);
      const data = {
        userId: 7,
        intent: 'what if',
        approvalFrom: 'L3',
        timeZone: 'UTC',
        keyPrefix: 'run',
        steps: [plannedStep(1)],
      } as const;
      const fork = { workflowId: 1, revision: 2, decisions: {}, edited: [], outputs: [] };
      const shadow = new Run(2).do('SubmitIntent', { ...data, fork });
      await project(database(), logOf([original, shadow]));
      expect(await workflows().find(1)).toMatchObject({ forkOf: null, forks: [2] });
      expect(await workflows().find(2)).toMatchObject({ forkOf: 1, forks: [] });
    });

    describe('of a plan in parts', () => {
      const of = { workflowId: 1, at: '2026-01-05T08:00:00.000Z' };
      const part = (offset: number, ...steps: readonly number[]) =>
        ({ type: 'PlanPartRecorded', data: { ...of, offset, steps: steps.map((id) => plannedStep(id)) } }) as const;
      const seal = (offset: number, stepId: number) =>
        ({ type: 'WorkflowPlanned', data: { ...of, planner: 'test', offset, steps: [plannedStep(stepId)], stepCount: stepId } }) as const;
      const stepIds = async (): Promise<number[]> => (await workflows().find(1))!.steps.map(({ stepId }) => stepId);
      const leftParts = (): Promise<unknown[]> => database().source.query('SELECT * FROM plan_parts');

      it.each([1, 2, 10])('have all its steps, in batches of %i events', async (size) => {
        await project(database(), logOf([new Run(1).submit().record([part(0, 1, 2), part(2, 3), seal(3, 4)])]), [size]);
        expect(await stepIds()).toEqual([1, 2, 3, 4]);
        expect(await leftParts()).toEqual([]);
      });

      it.each([1, 2, 3, 10])('have only the steps of the last try, in batches of %i events', async (size) => {
        const run = new Run(1).submit().record([part(0, 1, 2, 3), part(3, 4, 5, 6), part(0, 1, 2), part(2, 3), part(3, 4), seal(4, 5)]);
        await project(database(), logOf([run]), [size]);
        expect(await stepIds()).toEqual([1, 2, 3, 4, 5]);
        expect(await leftParts()).toEqual([]);
      });

      it.each([1, 10])('are forgotten when the run ends before it is planned, in batches of %i events', async (size) => {
        await project(
          database(),
          logOf([
            new Run(1)
              .submit()
              .record([part(0, 1), part(1, 2)])
              .cancel(),
          ]),
          [size],
        );
        expect(await leftParts()).toEqual([]);
      });
    });
  });

  describe('the timeline', () => {
    it('has what happened in order, in words', async () => {
      const run = new Run(1)
        .submit()
        .plan(plannedStep(1, { name: 'Search' }))
        .succeed(1);
      await project(database(), logOf([run]));
      expect((await timeline().list(1, ALL)).map(({ id, message }) => [id, message])).toEqual([
        [0, 'Workflow started: find a job'],
        [1, 'Workflow planned: 1 step'],
        [2, 'Step ready: Search'],
        [3, 'Step running: Search'],
        [4, 'Step succeeded: Search'],
        [5, 'Workflow completed'],
      ]);
    });
  });

  describe('the approvals', () => {
    const asked = (): Run => new Run(1).submit().plan(plannedStep(1, { riskLevel: 'L3' }));

    it('show what is asked for', async () => {
      const run = asked();
      await project(database(), logOf([run]));
      const { argsHash } = run.state.steps.at(0)!;
      expect(await approvals().ofWorkflow(1)).toEqual([
        {
          approvalId: 1_000,
          workflowId: 1,
          userId: 7,
          intent: 'find a job',
          stepId: 1,
          stepName: 'Step 1',
          tool: 'job_search',
          toolVersion: '1.2.3',
          riskLevel: 'L3',
          reason: 'High-risk operation: Step 1 (risk level: L3)',
          status: 'required',
          args: { query: 'q1' },
          argsHash,
          requestedAt: at(run, 'ApprovalRequested'),
          reminders: 0,
          decidedAt: null,
          decidedBy: null,
          decisionReason: null,
        },
      ]);
    });

    it.each([
      ['approved', (run: Run) => run.approve(1, 'looks good'), 'looks good'],
      ['rejected', (run: Run) => run.reject(1, 'too risky'), 'too risky'],
      ['rejected', (run: Run) => run.reject(1), null],
    ] as const)('show who %s what and why, whichever batch has the decision', async (status, decideIt, decisionReason) => {
      const run = decideIt(asked());
      for (const sizes of [[1], [run.events.length]]) {
        await emptyAll(database());
        await project(database(), logOf([run]), sizes);
        expect(await approvals().ofWorkflow(1)).toMatchObject([{ status, decidedBy: 10, decisionReason }]);
      }
    });

    it('are found by their ids, each with its own run', async () => {
      const risky = plannedStep(1, { riskLevel: 'L3' });
      await project(database(), logOf([asked(), new Run(2).submit('call anna', 42).plan(risky)]));
      expect(await approvals().find(2_000)).toEqual((await approvals().ofWorkflow(2))[0]);
      expect((await approvals().list({}, ALL)).items).toMatchObject([
        { approvalId: 2_000, userId: 42, intent: 'call anna' },
        { approvalId: 1_000, userId: 7, intent: 'find a job' },
      ]);
      expect(await approvals().find(1)).toBeUndefined();
      expect(await approvals().find(Number.MAX_SAFE_INTEGER)).toBeUndefined();
    });

    it('make open requests of an ended run void, and no other', async () => {
      const risky = (id: number) => plannedStep(id, { riskLevel: 'L3' });
      const run = new Run(1).submit().plan(risky(1), risky(2)).approve(1).cancel();
      for (const sizes of [[1], [run.events.length]]) {
        await emptyAll(database());
        await project(database(), logOf([run, new Run(2).submit().plan(risky(1))]), sizes);
        const statuses = (await approvals().list({}, ALL)).items.map(({ workflowId, status }) => [workflowId, status]);
        expect(statuses).toEqual([
          [2, 'required'],
          [1, 'void'],
          [1, 'approved'],
        ]);
      }
    });
  });

  it('list the first waits of a run, and show all of them', async () => {
    const risky = Array.from({ length: 120 }, (_, index) => plannedStep(index + 1, { riskLevel: 'L3' }));
    await project(database(), logOf([new Run(1).submit().plan(...risky), new Run(2).submit().plan(plannedStep(1, { riskLevel: 'L3' }))]));
    const { items } = await workflows().list({}, ALL);
    expect(items.map(({ waitingFor }) => waitingFor.length)).toEqual([1, 100]);
    expect(items[1]!.waitingFor.map(({ stepId }) => stepId)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect((await workflows().status(1))!.waitingFor).toHaveLength(100);
    expect((await workflows().find(1))!.waitingFor).toHaveLength(120);
  });

  describe('the dead letters', () => {
    it('have a step that used up its attempts until its run ends', async () => {
      const run = new Run(1).submit().plan(plannedStep(1), plannedStep(2)).fail(1).retry(1).fail(1, 2);
      const sofar = logOf([run]);
      await project(database(), sofar);
      expect((await deadLetters().list({}, ALL)).items).toEqual([
        {
          workflowId: 1,
          userId: 7,
          intent: 'find a job',
          stepId: 1,
          stepName: 'Step 1',
          tool: 'job_search',
          attempts: 2,
          args: { query: 'q1' },
          error: { code: 'job_search.unlucky', message: 'no luck', retryable: true, effect: 'none' },
          deadLetteredAt: at(run, 'StepDeadLettered'),
          failures: run.events.flatMap(({ type, data }) =>
            type === 'StepFailed' ? [{ attempt: data.attempt, at: data.at, error: data.error }] : [],
          ),
        },
      ]);
      run.cancel();
      await project(database(), logOf([run]).slice(sofar.length));
      expect((await deadLetters().list({}, ALL)).items).toEqual([]);
    });
  });

  describe('the waits for tools', () => {
    const tool = { tool: 'job_search', toolVersion: '1.2.3' };
    const waitFor = (because: ToolLack, workflowId: number, userId = 7, priority: Priority = 'normal', after = 0): Run =>
      new Run(workflowId, START + after)
        .submit('find a job', userId, undefined, { priority })
        .plan(plannedStep(1))
        .waitForTool(1, 1, because);

    it('tell those for room within a limit apart, the more urgent first, but for some people', async () => {
      const limited = [
        waitFor('limited', 1, 7, 'low'),
        waitFor('limited', 2, 7, 'normal', 5_000),
        waitFor('limited', 3, 8, 'normal'),
        waitFor('limited', 4, 9, 'high', 9_000),
      ];
      await project(database(), logOf([...limited, waitFor('absent', 5), waitFor('paused', 6)]));
      const idsOf = async (waits: Promise<readonly ToolWait[]>) => (await waits).map(({ workflowId }) => workflowId);
      expect(await idsOf(toolWaits().limited([tool], [], 10))).toEqual([4, 3, 2, 1]);
      expect(await idsOf(toolWaits().limited([tool], [7], 10))).toEqual([4, 3]);
      expect(await idsOf(toolWaits().limited([tool], [], 2))).toEqual([4, 3]);
      expect(await idsOf(toolWaits().limited([{ ...tool, toolVersion: '2.0.0' }], [], 10))).toEqual([]);
      expect((await idsOf(toolWaits().of([tool], 10))).sort()).toEqual([5, 6]);
    });

    it('end when there is room', async () => {
      const run = waitFor('limited', 1).offerTool(1).waitForTool(1, 2, 'limited');
      await project(database(), logOf([run]));
      expect(await toolWaits().limited([tool], [], 10)).toMatchObject([{ workflowId: 1, stepId: 1, attempt: 2, userId: 7 }]);
      run.offerTool(1, 2);
      await project(database(), logOf([run]));
      expect(await toolWaits().limited([tool], [], 10)).toEqual([]);
    });
  });

  describe('the timers', () => {
    it('have a scheduled attempt until it is ready', async () => {
      const run = new Run(1).submit().plan(plannedStep(1)).fail(1);
      const sofar = logOf([run]);
      const scheduled = run.events.at(-1)!;
      const dueAt = scheduled.type === 'StepRetryScheduled' ? Date.parse(scheduled.data.dueAt) : NaN;
      await project(database(), sofar);
      expect(await timers().next(10)).toEqual([{ kind: 'retry', workflowId: 1, stepId: 1, attempt: 2, dueAt }]);
      await project(database(), logOf([run.retry(1)]).slice(sofar.length));
      expect(await timers().next(10)).toEqual([]);
    });

    it('have none of a run that ended, though it was scheduled in the same batch', async () => {
      await project(database(), logOf([new Run(1).submit().plan(plannedStep(1)).fail(1).cancel()]));
      expect(await timers().next(10)).toEqual([]);
    });

    it('come in the order of their times', async () => {
      const late = new Run(1, Date.parse('2026-03-01T00:00:00Z')).submit().plan(plannedStep(1)).fail(1);
      const early = new Run(2, Date.parse('2026-02-01T00:00:00Z')).submit().plan(plannedStep(1)).fail(1);
      await project(database(), logOf([late, early]));
      expect((await timers().next(10)).map(({ workflowId }) => workflowId)).toEqual([2, 1]);
      expect((await timers().next(1)).map(({ workflowId }) => workflowId)).toEqual([2]);
    });
  });

  it('invariant 27: every read model equals the fold of the log, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomRuns(3),
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
        async (runs, seed, sizes) => {
          await emptyAll(database());
          const log = logOf(runs, seededPick(seed));
          await project(database(), log, sizes);
          await expectFigures(database(), log, { from: START, to: START + 90_000_000, starts: [START, START + 10_000] });
          for (const run of runs) {
            const { workflowId, state, events } = run;
            const view = await workflows().find(workflowId);
            expect(view).toMatchObject(expectedWorkflow(state, events.length - 1));
            const described = describeWorkflow({ state, revision: events.length - 1, position: 0n }) as {
              steps: { attempts: number; state: string }[];
            };
            expect(described.steps.map(({ attempts, state: step }) => [attempts, step])).toEqual(
              view!.steps.map(({ attempts, state: step }) => [attempts, step]),
            );
            const entries = await timeline().list(workflowId, ALL);
            expect(entries).toEqual(
              log
                .filter(({ streamId }) => streamId === workflowStream(workflowId))
                .map(loggedEntryOf)
                .flatMap((entry) => (entry ? [{ ...entry, message: stored(entry.message) }] : [])),
            );
            // The state knows the last request of each step, the read model all of them.
            const requests = await approvals().ofWorkflow(workflowId);
            const last = requests.filter(
              ({ stepId, approvalId }) => !requests.some((one) => one.stepId === stepId && one.approvalId > approvalId),
            );
            expect(requests).toHaveLength(events.filter(({ type }) => type === 'ApprovalRequested').length);
            const openSteps = [...state.steps].filter(({ approval }) => approval).map(({ plan }) => plan.stepId);
            expect(last.filter(({ stepId }) => openSteps.includes(stepId))).toMatchObject(expectedApprovals(state));
          }
          for (const waitingFor of [...WAIT_KINDS, 'anything'] as const) {
            const listed = (await workflows().list({ waitingFor }, ALL)).items.map(({ workflowId }) => workflowId);
            const held = runs.filter(({ state }) => waitsOf(state).some(({ kind }) => waitingFor === 'anything' || kind === waitingFor));
            expect([waitingFor, listed.sort()]).toEqual([waitingFor, held.map(({ workflowId }) => workflowId).sort()]);
          }
          const waiting = runs.flatMap(({ workflowId, state }) =>
            isFinalRunState(state.state!) || state.stopping
              ? []
              : [...state.steps].map((step) => ({ workflowId, state: state.state, step })),
          );
          const letters = (await deadLetters().list({}, ALL)).items.map(({ workflowId, stepId }) => `${workflowId}/${stepId}`);
          expect(letters.sort()).toEqual(
            waiting
              .filter(({ step }) => step.deadLetteredAt !== null)
              .map(({ workflowId, step }) => `${workflowId}/${step.plan.stepId}`)
              .sort(),
          );
          const due = waiting
            .filter(({ step, state }) => step.retryDueAt !== null && state === 'RUNNING')
            .map(({ workflowId, step }) => ({
              kind: 'retry',
              workflowId,
              stepId: step.plan.stepId,
              attempt: step.attempt + 1,
              dueAt: Date.parse(step.retryDueAt!),
            }));
          const ofRuns = runs.flatMap(({ workflowId, state: { state, stopping, startAt, startsLater, deadline } }) => {
            const at = (kind: string, time: string | null) =>
              time === null ? [] : [{ kind, workflowId, stepId: 0, attempt: 0, dueAt: Date.parse(time) }];
            if (isFinalRunState(state!)) return [];
            return stopping ? at('stop', stopping.until) : [...at('start', startsLater ? startAt : null), ...at('deadline', deadline)];
          });
          const byRun = (a: { readonly kind: string; readonly workflowId: number; readonly stepId: number }, b: typeof a) =>
            a.workflowId - b.workflowId || a.stepId - b.stepId || b.kind.localeCompare(a.kind);
          expect((await timers().next(1_000)).toSorted(byRun)).toMatchObject([...due, ...ofRuns].sort(byRun));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("passes over events that are not the engine's own, and of other streams", async () => {
    const [first, ...rest] = logOf([new Run(1).submit().plan(plannedStep(1))]);
    const strange = { ...first!, type: 'StepTeleported', metadata: {}, position: first!.position + 1n };
    const foreign = { ...first!, streamId: 'workflow-x', position: first!.position + 2n };
    expect(workflowEventOf(strange)).toBeUndefined();
    await project(database(), [first!, strange, foreign, ...rest]);
    expect(await workflows().find(1)).toMatchObject({ state: 'RUNNING', steps: [{ state: 'READY' }] });
  });
}
