import { cancel, fail, missDeadline, pause, reachStartTime, recordPlan, schedule, start, submit, succeed } from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { after, given, time } from '../support/scenario.js';
import { standsStill, waitsOf } from '../../../src/domain/workflow/waiting.js';

const timed = (times: { readonly startAt?: string; readonly deadline?: string }) => submit(chain(1), 'L3', 'Do it', undefined, times);
const later = timed({ startAt: time(60_000) });

describe('a run with a start time', () => {
  it('is planned and waits', () => {
    const state = given()
      .when(later)
      .then(['WorkflowSubmitted', { startAt: time(60_000) }], ['WorkflowPlanned']);
    expect(waitsOf(state)).toEqual([{ kind: 'start_time', stepId: null, since: time(0), until: time(60_000), approvalId: null }]);
    expect(standsStill(state)).toBe(false);
    given(later).when(schedule()).thenNothing();
    given(submit(undefined, 'L3', 'Do it', undefined, { startAt: time(60_000) }))
      .when(recordPlan(plannedStep(1)))
      .then(['WorkflowPlanned']);
  });

  it('invariant 15: starts then, never before, and once', () => {
    given(later)
      .when(after(59_999, reachStartTime))
      .thenRefused('workflow.not-due', /The time of workflow 42 is/);
    given(later).when(after(60_000, reachStartTime)).then(['StartTimeReached']);
    given(later, after(60_000, reachStartTime))
      .when(after(60_000, schedule()))
      .then(['StepReady', { stepId: 1 }]);
    given(later, after(60_000, reachStartTime)).when(after(61_000, reachStartTime)).thenNothing();
    given(later, cancel()).when(after(60_000, reachStartTime)).thenNothing();
  });

  it('that is past starts at once', () => {
    const state = given()
      .when(after(60_000, timed({ startAt: time(60_000) })))
      .then(['WorkflowSubmitted'], ['WorkflowPlanned']);
    expect(waitsOf(state)).toEqual([]);
  });

  it('keeps it over a pause', () => {
    given(later, pause).when(after(60_000, reachStartTime)).then(['StartTimeReached']);
  });

  it('is recorded in UTC', () => {
    given()
      .when(timed({ startAt: '2026-01-05T11:00:00+02:00', deadline: '2026-01-06T11:00:00+02:00' }))
      .then(['WorkflowSubmitted', { startAt: '2026-01-05T09:00:00.000Z', deadline: '2026-01-06T09:00:00.000Z' }], ['WorkflowPlanned']);
  });
});

describe('a run with a deadline', () => {
  const due = timed({ deadline: time(60_000) });

  it('fails then: at once, or once nothing runs any more', () => {
    const state = given(due, schedule())
      .when(after(60_000, missDeadline))
      .then(['WorkflowFailed', { code: 'workflow.deadline-missed', reason: `It was not finished by ${time(60_000)}.` }]);
    expect(state.state).toBe('FAILED');
    given(due, schedule(), start(1))
      .when(after(60_000, missDeadline))
      .then(['WorkflowStopping', { endsAs: 'FAILED', code: 'workflow.deadline-missed' }]);
    given(submit(undefined, 'L3', 'Do it', undefined, { deadline: time(60_000) }))
      .when(after(60_000, missDeadline))
      .then(['WorkflowFailed']);
  });

  it('invariant 15: never fails by it before, nor twice, nor once it has ended', () => {
    given(due, schedule(), start(1))
      .when(after(59_999, missDeadline))
      .thenRefused('workflow.not-due', /The time of workflow 42 is/);
    given(due, schedule(), start(1), after(60_000, missDeadline)).when(after(61_000, missDeadline)).thenNothing();
    given(due, schedule(), start(1), succeed(1)).when(after(60_000, missDeadline)).thenNothing();
    given(submit(chain(1)))
      .when(after(60_000, missDeadline))
      .thenNothing();
  });

  it('must come after now and after its start', () => {
    for (const times of [{ deadline: time(0) }, { deadline: time(60_000), startAt: time(60_000) }])
      given()
        .when(timed(times))
        .thenRefused('deadline.too-early', /not after the start/);
  });
});

describe('a tool that says when it can be asked again', () => {
  const running = [submit(chain(1)), schedule(), start(1)] as const;
  const busy = (retryAfterMs: number) =>
    ({ code: 'mail.busy', message: 'Too many.', retryable: true, effect: 'none', retryAfterMs }) as const;

  it('is not asked before', () => {
    given(...running)
      .when(fail(1, busy(5_000)))
      .then(['StepFailed'], ['StepRetryScheduled', { dueAt: time(5_000) }]);
    given(...running)
      .when(fail(1, busy(10)))
      .then(['StepFailed'], ['StepRetryScheduled', { dueAt: time(1_000) }]);
  });

  it('cannot put it off for more than a day', () => {
    given(...running)
      .when(fail(1, busy(1e12)))
      .then(['StepFailed'], ['StepRetryScheduled', { dueAt: time(24 * 60 * 60 * 1_000) }]);
  });
});
