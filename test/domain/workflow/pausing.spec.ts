import { approve, cancel, fail, pause, reject, resume, retry, schedule, start, submit, succeed } from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { after, given, time } from '../support/scenario.js';

const ready = [submit(chain(2)), schedule()] as const;
const running = [...ready, start(1)] as const;

describe('a paused run', () => {
  it('starts nothing: what was ready is made ready again, under a number of its own, once it is resumed', () => {
    const state = given(...ready)
      .when(pause)
      .then(['WorkflowPaused', { reason: 'Wait', decidedBy: 7 }]);
    expect(state).toMatchObject({ state: 'PAUSED' });
    given(...ready, pause)
      .when(start(1))
      .thenRefused('step.not-ready', /PENDING/);
    given(...ready, pause)
      .when(schedule())
      .thenNothing();
    given(...ready, pause, resume)
      .when(schedule())
      .then(['StepReady', { stepId: 1, attempt: 2 }]);
    // A delivery of the first one may still come.
    given(...ready, pause, resume, schedule())
      .when(start(1, { attempt: 1 }))
      .thenRefused('step.not-ready', /READY, attempt 2/);
  });

  it('lets what runs finish, and schedules what follows once it is resumed', () => {
    const state = given(...running, pause)
      .when(succeed(1))
      .then(['StepSucceeded']);
    expect([...state.queue]).toEqual([2]);
    given(...running, pause, succeed(1), resume)
      .when(schedule())
      .then(['StepReady', { stepId: 2, attempt: 1 }]);
    given(submit(chain(1)), schedule(), start(1), pause)
      .when(succeed(1))
      .then(['StepSucceeded'], ['WorkflowCompleted']);
  });

  it('holds attempts that are to come, until it is resumed', () => {
    given(...running, pause)
      .when(fail(1))
      .then(['StepFailed'], ['StepRetryScheduled', { attempt: 2, dueAt: time(1_000) }]);
    given(...running, fail(1), pause)
      .when(after(1_000, retry(1, 2)))
      .thenRefused('workflow.paused', /Workflow 42 is paused/);
    given(...running, fail(1), pause)
      .when(after(5_000, resume))
      .then(['WorkflowResumed', { decidedBy: 7 }]);
    given(...running, fail(1), pause, resume)
      .when(after(5_000, retry(1, 2)))
      .then(['StepReady', { attempt: 2 }]);
  });

  it('does not count an attempt that never started', () => {
    const twice = [plannedStep(1, { retry: { ...plannedStep(1).retry, maxAttempts: 2 } })];
    const history = [submit(twice), schedule(), pause, resume, schedule(), start(1, { attempt: 2 })] as const;
    given(...history)
      .when(fail(1, undefined, { attempt: 2 }))
      .then(['StepFailed'], ['StepRetryScheduled', { attempt: 3 }]);
    given(...history, fail(1, undefined, { attempt: 2 }), after(1_000, retry(1, 3)), start(1, { attempt: 3 }))
      .when(fail(1, undefined, { attempt: 3 }))
      .then(['StepFailed'], ['StepDeadLettered', { attempts: 2 }]);
  });

  it('takes decisions about approvals, and acts on them once it is resumed', () => {
    const history = [submit([plannedStep(1, { riskLevel: 'L3' }), plannedStep(2)]), schedule({ 1: 11 }), pause] as const;
    given(...history)
      .when(approve(11))
      .then(['ApprovalGranted']);
    given(...history)
      .when(reject(11))
      .then(['ApprovalRejected'], ['StepSkipped']);
    given(...history, approve(11))
      .when(schedule())
      .thenNothing();
    given(...history, approve(11), resume)
      .when(schedule())
      .then(['StepReady', { stepId: 2, attempt: 2 }], ['StepReady', { stepId: 1, attempt: 1 }]);
  });

  it('is paused once and resumed once', () => {
    given(...running, pause)
      .when(pause)
      .thenNothing();
    given(...running)
      .when(resume)
      .thenNothing();
  });

  it('can be cancelled', () => {
    given(...ready, pause)
      .when(cancel())
      .then(['WorkflowCancelled']);
    given(...running, pause)
      .when(cancel())
      .then(['WorkflowStopping']);
    given(...running, pause, cancel())
      .when(resume)
      .thenRefused('workflow.not-running', /CANCELLING: only a paused one/);
  });

  it('must have been running', () => {
    given(submit())
      .when(pause)
      .thenRefused('workflow.not-running', /PLANNING: only a running one/);
    given(submit(), cancel())
      .when(pause)
      .thenRefused('workflow.finished', /CANCELLED/);
    given(submit())
      .when(resume)
      .thenRefused('workflow.not-running', /only a paused one/);
  });
});
