import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { cancel, recordPlan, recordPlanFailure, submit } from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given } from '../support/scenario.js';

describe('submitting an intent', () => {
  it('leaves the plan to a planner where none is given', () => {
    const state = given()
      .when(submit(undefined, 'L2', '  Buy milk '))
      .then(['WorkflowSubmitted', { userId: 7, intent: 'Buy milk', approvalFrom: 'L2', timeZone: 'UTC', planGiven: false }]);
    expect(state).toMatchObject({ state: 'PLANNING', intent: 'Buy milk', approvalFrom: 'L2' });
  });

  it('records the plan that came with it', () => {
    const state = given()
      .when(submit(chain(2)))
      .then(['WorkflowSubmitted', { planGiven: true }], ['WorkflowPlanned', { planner: 'given', offset: 0, stepCount: 2 }]);
    expect(state.state).toBe('RUNNING');
  });

  it('decides nothing the second time', () => {
    given(submit()).when(submit()).thenNothing();
    given(submit(), cancel()).when(submit()).thenNothing();
  });

  it('says what to change in an intent that is empty or too long', () => {
    given()
      .when(submit(undefined, 'L3', ' \n'))
      .thenRefused('intent.empty', /say what should be done/);
    given()
      .when(submit(undefined, 'L3', 'x'.repeat(2_001)))
      .thenRefused('intent.too-long', /2001 characters.*at most 2000/);
  });

  it('takes an intent of exactly the greatest length', () => {
    given()
      .when(submit(undefined, 'L3', 'x'.repeat(2_000)))
      .then(['WorkflowSubmitted']);
  });

  const large = (count: number): readonly PlannedStep[] =>
    Array.from({ length: count }, (_, index) => plannedStep(index + 1, { args: { text: 'x'.repeat(60_000) } }));

  it('splits a large plan and records its parts before the submission, so that an unfinished one is no run', () => {
    const state = given()
      .when(submit(large(9)))
      .then(
        ['PlanPartRecorded', { offset: 0 }],
        ['PlanPartRecorded', { offset: 4 }],
        ['WorkflowSubmitted'],
        ['WorkflowPlanned', { offset: 8, stepCount: 9 }],
      );
    expect([...state.steps].map(({ plan }) => plan.stepId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(state.draft).toEqual([]);
  });
});

describe('the answer of the planner', () => {
  it('starts the run', () => {
    const state = given(submit())
      .when(recordPlan(...chain(2)))
      .then(['WorkflowPlanned', { planner: 'rules', stepCount: 2 }]);
    expect(state.state).toBe('RUNNING');
  });

  it('ends the run where there is no plan', () => {
    const state = given(submit())
      .when(recordPlanFailure)
      .then(['WorkflowFailed', { code: 'planner.no-plan', reason: 'Nothing to do.' }]);
    expect(state).toMatchObject({ state: 'FAILED', reason: 'Nothing to do.' });
  });

  it('counts only the first time', () => {
    for (const first of [recordPlan(plannedStep(1)), recordPlanFailure, cancel()]) {
      given(submit(), first)
        .when(recordPlan(...chain(3)))
        .thenNothing();
      given(submit(), first).when(recordPlanFailure).thenNothing();
    }
  });
});
