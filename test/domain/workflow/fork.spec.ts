import fc from 'fast-check';
import { compensationOf } from '../../../src/domain/workflow/decisions/compensation.js';
import { forkOf, type ForkWishes } from '../../../src/domain/workflow/decisions/fork.js';
import { rerunOf } from '../../../src/domain/workflow/decisions/rerun.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import type { WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import { approve, fail, recordPlanFailure, reject, schedule, start, submit, succeed } from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { randomPlan } from '../support/random-plans.js';
import { RandomRun } from '../support/random-run.js';
import { given, time } from '../support/scenario.js';

const risky = [
  plannedStep(1),
  plannedStep(2, { dependsOn: ['s1'], riskLevel: 'L3', effect: 'non-idempotent' }),
  plannedStep(3, { dependsOn: ['s2'] }),
];
const asked = [submit(risky), schedule(), start(1), succeed(1, { of: 1 }), schedule({ 2: 12 })] as const;

const shadowOf = (then: WorkflowState, wishes: ForkWishes = {}, now = then): WorkflowCommand => {
  const { steps, decisions, outputs } = forkOf(then, now, wishes);
  const fork = { workflowId: 41, revision: 3, decisions, edited: Object.keys(wishes.args ?? {}), outputs };
  return {
    type: 'SubmitIntent',
    data: { userId: 7, intent: 'Do it', approvalFrom: 'L3', timeZone: 'UTC', keyPrefix: 'run', steps, fork },
  };
};

describe('a shadow of a run', () => {
  const then = given(...asked).state;

  it('takes over what had succeeded, and goes on as a shadow', () => {
    const state = given()
      .when(shadowOf(then))
      .then(
        ['StepOutputReused', { stepId: 1, output: { of: 1 } }],
        ['WorkflowSubmitted', { fork: { workflowId: 41, revision: 3, decisions: {}, edited: [] } }],
        ['WorkflowPlanned', { reused: { workflowId: 41, stepIds: [1] } }],
      );
    expect([...state.steps].map((step) => step.state)).toEqual(['SUCCEEDED', 'PENDING', 'PENDING']);
  });

  it('asks nobody: what would wait is decided as it was in the run, as is wished, or else approved', () => {
    given(shadowOf(then))
      .when(schedule())
      .then(['StepReady', { stepId: 2 }]);
    const rejected = given(...asked, reject(12, { stepId: 2 })).state;
    given(shadowOf(then, {}, rejected))
      .when(schedule())
      .then(['StepSkipped', { stepId: 2, cause: 'rejected' }]);
    given(shadowOf(then, { decisions: { s2: 'approve' } }, rejected))
      .when(schedule())
      .then(['StepReady', { stepId: 2 }]);
    const approved = given(...asked, approve(12, { stepId: 2 })).state;
    given(shadowOf(then, { decisions: { s2: 'reject' } }, approved))
      .when(schedule())
      .then(['StepSkipped', { stepId: 2, cause: 'rejected' }]);
  });

  it('does again what has other arguments, and what depends on it', () => {
    const { steps, outputs } = forkOf(then, then, { args: { s1: { text: 'other' } } });
    expect(outputs).toEqual([]);
    expect(steps.map(({ args }) => args)).toEqual([{ text: 'other' }, { text: 'of 2' }, { text: 'of 3' }]);
  });

  it('has ended where nothing is left to do', () => {
    const done = given(submit([plannedStep(1)]), schedule(), start(1), succeed(1)).state;
    given().when(shadowOf(done)).then(['StepOutputReused'], ['WorkflowSubmitted'], ['WorkflowPlanned'], ['WorkflowCompleted']);
  });

  it('says of each attempt that nothing is called, and has no key for it', () => {
    const ready = [shadowOf(then), schedule()] as const;
    const started = given(...ready).when(start(2));
    const state = started.then(['StepStarted', { stepId: 2, shadow: true }]);
    expect(state.fork).not.toBeNull();
    given(...ready, start(2))
      .when(succeed(2, { would: 'be' }))
      .then(['StepSucceeded', { stepId: 2, shadow: true }]);
    // Interrupted, it may be repeated: nothing can have happened twice.
    given(...ready, start(2))
      .when(fail(2, { code: 'attempt.interrupted', message: 'gone', retryable: true, effect: 'unknown' }))
      .then(
        ['StepFailed', { error: { code: 'attempt.interrupted', message: 'gone', retryable: true, effect: 'none' } }],
        ['StepRetryScheduled'],
      );
  });

  it('is nothing to build on: it cannot be copied, run again or undone', () => {
    const shadow = given(shadowOf(then), schedule(), start(2), succeed(2), schedule(), start(3), succeed(3)).state;
    expect(shadow).toMatchObject({ state: 'SUCCEEDED', finishedAt: time(0) });
    const tools = { manifest: () => undefined, checkArgs: () => undefined };
    for (const build of [() => forkOf(shadow, shadow, {}), () => rerunOf(shadow, undefined), () => compensationOf(shadow, tools)])
      expect(build).toThrow(/is a shadow of workflow 41: nothing of it happened/);
  });

  it('is refused of a run without a plan, and for steps that it does not have', () => {
    const codeOf = (run: WorkflowState, wishes: ForkWishes = {}): unknown => {
      try {
        return forkOf(run, run, wishes);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(codeOf(given().state)).toBe('workflow.not-found');
    expect(codeOf(given(submit(), recordPlanFailure).state)).toBe('workflow.not-planned');
    expect(codeOf(then, { args: { s9: {} } })).toBe('step.not-found');
    expect(codeOf(then, { decisions: { s9: 'approve' } })).toBe('step.not-found');
  });

  it('invariant 40: calls nothing and asks nobody, whatever is copied', () => {
    fc.assert(
      fc.property(randomPlan, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 30 }), (steps, choices) => {
        const run = new RandomRun(steps, 'L2');
        choices.forEach((choice) => run.act(choice));
        if (run.state.steps.length === 0) return;
        const shadow = given(shadowOf(run.state)).state;
        const copy = RandomRun.from(shadow, steps);
        copy.settle({ outcome: () => 'succeeds', approves: () => true });
        expect(copy.ended).toBe(true);
        for (const event of copy.history) {
          expect(['ApprovalRequested', 'StepBlocked']).not.toContain(event.type);
          if (event.type === 'StepStarted') expect(event.data).toMatchObject({ shadow: true });
          if (event.type === 'StepStarted') expect(event.data).not.toHaveProperty('idempotencyKey');
        }
      }),
      { numRuns: 100 },
    );
  });
});
