import fc from 'fast-check';
import { rerunOf } from '../../../src/domain/workflow/decisions/rerun.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import type { WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import { cancel, fail, HOPELESS, recordPlanFailure, schedule, skip, start, submit, succeed, tryAgain } from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { randomPlan } from '../support/random-plans.js';
import { RandomRun } from '../support/random-run.js';
import { given, time } from '../support/scenario.js';

const fork = [
  plannedStep(1),
  plannedStep(2, { dependsOn: ['s1'] }),
  plannedStep(3, { dependsOn: ['s1'] }),
  plannedStep(4, { dependsOn: ['s2', 's3'] }),
];
const halfway = [
  submit(fork, 'L3', 'Do it', 'fail'),
  schedule(),
  start(1),
  succeed(1, { of: 1 }),
  schedule(),
  start(2),
  succeed(2, { of: 2 }),
  start(3),
  fail(3, HOPELESS),
] as const;

const again = (state: WorkflowState, from?: readonly string[]): WorkflowCommand => ({
  type: 'SubmitIntent',
  data: {
    userId: 7,
    intent: 'again',
    approvalFrom: 'L3',
    timeZone: 'UTC',
    keyPrefix: 'run',
    steps: fork,
    rerun: rerunOf(state, from).reused,
  },
});

describe('running a finished run again', () => {
  const failed = given(...halfway).state;

  it('takes over what has succeeded, and goes on with the rest', () => {
    expect(rerunOf(failed, undefined).reused).toEqual({
      of: 42,
      outputs: [
        { stepId: 1, output: { of: 1 } },
        { stepId: 2, output: { of: 2 } },
      ],
    });
    const state = given()
      .when(again(failed))
      .then(
        ['StepOutputReused', { stepId: 1, output: { of: 1 } }],
        ['StepOutputReused', { stepId: 2, output: { of: 2 } }],
        ['WorkflowSubmitted', { rerunOf: 42 }],
        ['WorkflowPlanned', { reused: { workflowId: 42, stepIds: [1, 2] } }],
      );
    expect(state).toMatchObject({ succeeded: 2, rerunOf: 42 });
    expect([...state.queue]).toEqual([3]);
    expect(state.steps.at(0)).toMatchObject({ state: 'SUCCEEDED', output: { of: 1 }, attempt: 0, finishedAt: time(0) });
    given(again(failed), schedule(), start(3), succeed(3))
      .when(schedule())
      .then(['StepReady', { stepId: 4 }]);
  });

  it('wants what a person wanted in place of the plan', () => {
    const edited = given(submit([plannedStep(1)]), schedule(), start(1), fail(1, HOPELESS), tryAgain(1, { text: 'right' }), cancel()).state;
    expect(rerunOf(edited, undefined).plan.steps[0]!.args).toEqual({ text: 'right' });
    expect(rerunOf(failed, ['s1']).plan.steps[0]!.args).toEqual({ text: 'of 1' });
  });

  it('begins with the steps that are named, and what depends on them', () => {
    expect(rerunOf(failed, ['s2']).reused.outputs.map(({ stepId }) => stepId)).toEqual([1]);
    expect(rerunOf(failed, ['s1']).reused.outputs).toEqual([]);
  });

  it('runs everything again where everything has succeeded', () => {
    const done = given(submit([plannedStep(1)]), schedule(), start(1), succeed(1)).state;
    expect(rerunOf(done, undefined).reused.outputs).toEqual([]);
    expect(rerunOf(given(submit(fork), cancel()).state, undefined).reused.outputs).toEqual([]);
    const skipped = given(submit([plannedStep(1)]), schedule(), start(1), fail(1, HOPELESS), skip(1)).state;
    expect(rerunOf(skipped, undefined).reused.outputs).toEqual([]);
  });

  it('is refused for a run that goes on, has no plan, or has no such step', () => {
    const refusal = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refusal(() => rerunOf(given(submit(fork)).state, undefined))).toBe('workflow.not-finished');
    expect(refusal(() => rerunOf(given(submit(), recordPlanFailure).state, undefined))).toBe('workflow.not-planned');
    expect(refusal(() => rerunOf(failed, ['s9']))).toBe('step.not-found');
    expect(refusal(() => rerunOf(given().state, undefined))).toBe('workflow.not-found');
  });

  it('takes nothing over that depends on what is run again', () => {
    fc.assert(
      fc.property(randomPlan, fc.nat(), fc.nat(30), (steps, pick, failing) => {
        const run = new RandomRun(steps, 'L3', 'skip');
        run.settle({ outcome: (stepId) => (stepId === (failing % 40) + 1 ? 'is hopeless' : 'succeeds'), approves: () => true });
        const { plan, reused } = rerunOf(run.state, pick % 3 === 0 ? undefined : [steps[pick % steps.length]!.key]);
        const kept = new Set(reused.outputs.map(({ stepId }) => steps[stepId - 1]!.key));
        expect(kept.size).toBeLessThan(steps.length);
        for (const key of kept)
          for (const dependency of plan.steps.find((step) => step.key === key)!.dependsOn) expect(kept).toContain(dependency);
      }),
      { numRuns: 150 },
    );
  });
});
