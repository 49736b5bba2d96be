import {
  approve,
  cancel,
  endStopping,
  fail,
  giveUp,
  HOPELESS,
  recordPlanFailure,
  retry,
  schedule,
  start,
  submit,
  succeed,
  TIMED_OUT,
} from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { evolveAll } from '../../../src/domain/workflow/evolve.js';
import { decide } from '../../../src/domain/workflow/workflow.decider.js';
import { after, contextAt, given, time } from '../support/scenario.js';

const risky = [plannedStep(1, { riskLevel: 'L3' })];
const running = [submit(chain(2)), schedule(), start(1)] as const;
const pair = [plannedStep(1), plannedStep(2)];

describe('cancelling a run in which nothing runs', () => {
  it.each([
    ['is being planned', [submit()]],
    ['has a ready step', [submit(chain(2)), schedule()]],
    ['waits for a retry', [...running, fail(1)]],
    ['has a dead letter', [...running, fail(1, HOPELESS)]],
    ['waits for an approval', [submit(risky), schedule({ 1: 11 })]],
    ['was granted one', [submit(risky), schedule({ 1: 11 }), approve(11)]],
  ])('ends one that %s', (_, history) => {
    const state = given(...history)
      .when(cancel('Enough'))
      .then(['WorkflowCancelled', { reason: 'Enough', cancelledBy: 7 }]);
    expect(state).toMatchObject({ state: 'CANCELLED', reason: 'Enough' });
  });

  it('decides nothing the second time', () => {
    given(submit(), cancel()).when(cancel('Again')).thenNothing();
  });

  it('invariant 11: is refused once the run has ended otherwise', () => {
    given(submit(chain(1)), schedule(), start(1), succeed(1))
      .when(cancel())
      .thenRefused('workflow.finished', /Workflow 42 is SUCCEEDED already/);
    given(submit(), recordPlanFailure)
      .when(cancel())
      .thenRefused('workflow.finished', /FAILED already/);
  });
});

describe('cancelling a run in which something runs', () => {
  it('waits for what is in flight', () => {
    const state = given(...running)
      .when(cancel('Enough'))
      .then(['WorkflowStopping', { endsAs: 'CANCELLED', reason: 'Enough', decidedBy: 7, until: time(30_000) }]);
    expect(state).toMatchObject({ state: 'CANCELLING', reason: 'Enough' });
    given(...running, cancel())
      .when(cancel('Again'))
      .thenNothing();
  });

  it('ends with the outcome of the last attempt in flight, which is in the history', () => {
    const state = given(...running, cancel('Enough'))
      .when(succeed(1, { sent: true }))
      .then(['StepSucceeded', { output: { sent: true } }], ['WorkflowCancelled', { reason: 'Enough', cancelledBy: 7 }]);
    expect(state.steps.at(0)).toMatchObject({ state: 'SUCCEEDED', output: { sent: true } });
    given(submit(pair), schedule(), start(1), start(2), cancel(), succeed(1))
      .when(succeed(2))
      .then(['StepSucceeded'], ['WorkflowCancelled']);
    given(submit(pair), schedule(), start(1), start(2), cancel()).when(succeed(1)).then(['StepSucceeded']);
  });

  it('tries nothing again', () => {
    given(...running, cancel())
      .when(fail(1))
      .then(['StepFailed'], ['WorkflowCancelled']);
  });

  it('invariant 12: starts nothing', () => {
    const both = [submit(pair), schedule(), start(1), cancel()] as const;
    given(...both)
      .when(start(2))
      .thenRefused('workflow.stopping', /being stopped: Changed my mind/);
    given(...both)
      .when(schedule())
      .thenNothing();
    given(submit(pair), schedule(), start(1), start(2), fail(2), cancel())
      .when(after(1_000, retry(2, 2)))
      .thenRefused('workflow.stopping', /being stopped/);
    given(submit([plannedStep(1), plannedStep(2, { riskLevel: 'L3' })]), schedule({ 2: 11 }), start(1), cancel())
      .when(approve(11, { stepId: 2 }))
      .thenRefused('approval.void', /the workflow is CANCELLING/);
  });

  it('ends when its time is up, with unknown outcomes for what has none, and never early', () => {
    given(...running, cancel())
      .when(after(29_999, endStopping))
      .thenRefused('workflow.stopping', /may end by itself until/);
    const state = given(...running, cancel())
      .when(after(30_000, endStopping))
      .then(
        ['StepFailed', { stepId: 1, error: expect.objectContaining({ code: 'attempt.abandoned', effect: 'unknown' }) as unknown }],
        ['WorkflowCancelled'],
      );
    expect(state.state).toBe('CANCELLED');
    given(...running, cancel(), succeed(1))
      .when(after(30_000, endStopping))
      .thenNothing();
    given(...running)
      .when(after(30_000, endStopping))
      .thenNothing();
  });

  it('gives up a bounded number of attempts at a time, and ends with the last of them', () => {
    const many = Array.from({ length: 300 }, (_, index) => plannedStep(index + 1));
    const inFlight = [submit(many), schedule(), schedule(), ...many.map(({ stepId }) => start(stepId)), cancel()];
    const first = decide(endStopping, given(...inFlight).state, contextAt(30_000));
    expect(first.map(({ type }) => type)).toEqual(Array.from({ length: 250 }, () => 'StepFailed'));
    const rest = decide(endStopping, evolveAll(given(...inFlight).state, first), contextAt(30_000));
    expect(rest.map(({ type }) => type)).toEqual([...Array.from({ length: 50 }, () => 'StepFailed'), 'WorkflowCancelled']);
  });

  it('invariant 10: refuses an outcome that comes after the end', () => {
    given(...running, cancel(), after(30_000, endStopping))
      .when(after(31_000, succeed(1)))
      .thenRefused('workflow.finished', /CANCELLED/);
  });
});

describe('giving a run up', () => {
  it('fails it, at once or when nothing runs any more', () => {
    const state = given(...running, fail(1, HOPELESS))
      .when(giveUp('No use'))
      .then(['WorkflowFailed', { code: 'workflow.given-up', reason: 'No use', decidedBy: 7 }]);
    expect(state).toMatchObject({ state: 'FAILED', reason: 'No use' });
    given(...running)
      .when(giveUp())
      .then(['WorkflowStopping', { endsAs: 'FAILED', code: 'workflow.given-up' }]);
    given(...running, giveUp())
      .when(succeed(1))
      .then(['StepSucceeded'], ['WorkflowFailed', { code: 'workflow.given-up' }]);
  });

  it('decides nothing the second time', () => {
    given(...running, giveUp())
      .when(giveUp())
      .thenNothing();
    given(...running, giveUp(), succeed(1))
      .when(giveUp())
      .thenNothing();
  });

  it('is refused where the run is being cancelled, and the other way round', () => {
    given(...running, cancel('Enough'))
      .when(giveUp())
      .thenRefused('workflow.stopping', /being stopped already: Enough/);
    given(...running, giveUp('No use'))
      .when(cancel())
      .thenRefused('workflow.stopping', /being stopped already: No use/);
  });
});

describe('a step that fails for good', () => {
  it('fails its run where the submission says so', () => {
    const state = given(submit(chain(2), 'L3', 'Do it', 'fail'), schedule(), start(1))
      .when(fail(1, HOPELESS))
      .then(
        ['StepFailed'],
        ['StepDeadLettered'],
        ['WorkflowFailed', { code: 'step.failed', reason: 'Step "Step 1" failed: There is no such address.' }],
      );
    expect(state.state).toBe('FAILED');
  });

  it('fails its run once nothing else runs', () => {
    given(submit(pair, 'L3', 'Do it', 'fail'), schedule(), start(1), start(2))
      .when(fail(1, HOPELESS))
      .then(['StepFailed'], ['StepDeadLettered'], ['WorkflowStopping', { endsAs: 'FAILED', code: 'step.failed' }]);
    given(submit(pair, 'L3', 'Do it', 'fail'), schedule(), start(1), start(2), fail(1, HOPELESS))
      .when(succeed(2))
      .then(['StepSucceeded'], ['WorkflowFailed', { code: 'step.failed' }]);
  });

  it('is skipped with what depends on it where the submission says so, and the run ends', () => {
    const history = [submit([...chain(2), plannedStep(3)], 'L3', 'Do it', 'skip'), schedule(), start(1), start(3), succeed(3)] as const;
    const state = given(...history)
      .when(fail(1, HOPELESS))
      .then(['StepFailed'], ['StepSkipped', { cause: 'failure', error: HOPELESS, reason: 'It failed: There is no such address.' }]);
    expect(state).toMatchObject({ state: 'RUNNING', skipped: 1, failed: 1 });
    given(...history, fail(1, HOPELESS))
      .when(schedule())
      .then(
        ['StepSkipped', { stepId: 2, cause: 'dependency' }],
        ['WorkflowCompleted', { succeeded: 1, skipped: 2, rejected: 0, failed: 1 }],
      );
  });

  it('whose outcome is unknown is not tried again under any policy', () => {
    const steps = [plannedStep(1, { effect: 'non-idempotent' })];
    given(submit(steps, 'L3', 'Do it', 'skip'), schedule(), start(1))
      .when(fail(1, TIMED_OUT))
      .then(['StepFailed'], ['StepSkipped', { cause: 'failure' }], ['WorkflowCompleted', { failed: 1 }]);
  });
});
