import {
  BROKEN,
  cancel,
  endStopping,
  fail,
  HOPELESS,
  LOST,
  refuseResult,
  retry,
  schedule,
  start,
  submit,
  succeed,
  TIMED_OUT,
} from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { after, given, time } from '../support/scenario.js';
import { MOST_INTERRUPTIONS } from '../../../src/domain/workflow/decisions/record-step-outcome.js';

const ready = [submit(chain(2)), schedule()] as const;
const running = [...ready, start(1)] as const;

describe('starting a step', () => {
  it('records the worker', () => {
    given(...ready)
      .when(start(1, { worker: 'w1' }))
      .then(['StepStarted', { stepId: 1, attempt: 1, worker: 'w1', tool: 'echo' }]);
  });

  it('decides nothing where the attempt runs already, whoever asks', () => {
    given(...running)
      .when(start(1))
      .thenNothing();
    given(...running)
      .when(start(1, { worker: 'w2' }))
      .thenNothing();
  });

  it('refuses steps that are not ready, other attempts, unknown steps and finished runs', () => {
    given(...ready)
      .when(start(2))
      .thenRefused('step.not-ready', /Attempt 1 of step 2 is not ready to start: the step is PENDING, attempt 0/);
    given(...ready)
      .when(start(1, { attempt: 2 }))
      .thenRefused('step.not-ready', /READY, attempt 1/);
    given(...running, succeed(1))
      .when(start(1))
      .thenRefused('step.not-ready', /SUCCEEDED/);
    given(...ready)
      .when(start(3))
      .thenRefused('step.not-found', /Workflow 42 has no step 3/);
    given(...ready, cancel())
      .when(start(1))
      .thenRefused('workflow.finished', /CANCELLED already/);
  });
});

describe('a result that came too late', () => {
  const taken = [...running, fail(1, LOST)] as const;

  it('is kept, once for each attempt, and changes nothing', () => {
    given(...taken)
      .when(refuseResult(1, {}, { answer: 1 }))
      .then(['StepResultRefused', { stepId: 1, attempt: 1, worker: 'w1', outcome: 'succeeded', output: { answer: 1 } }]);
    given(...taken, refuseResult(1))
      .when(refuseResult(1))
      .thenNothing();
  });

  it('is kept after the end of the run too, and says so', () => {
    given(...taken, cancel())
      .when(refuseResult(1))
      .then(['StepResultRefused', { attempt: 1, afterEnd: true }]);
  });

  it('is of an attempt that was begun and has an outcome', () => {
    given(...ready)
      .when(refuseResult(1))
      .thenNothing();
    given(...running)
      .when(refuseResult(1))
      .thenNothing();
    given(...taken)
      .when(refuseResult(1, { attempt: 2 }))
      .thenNothing();
  });
});

describe('an attempt whose worker was lost', () => {
  it('is tried again, however few attempts its tool grants, for a bounded number of times', () => {
    const once = plannedStep(1, { retry: { ...plannedStep(1).retry, maxAttempts: 1 } });
    given(submit([once]), schedule(), start(1))
      .when(fail(1, LOST))
      .then(['StepFailed'], ['StepRetryScheduled', { attempt: 2 }]);
    given(submit([once]), schedule(), start(1))
      .when(fail(1, BROKEN))
      .then(['StepFailed'], ['StepDeadLettered']);
  });

  it('is not tried again once the step has lost as many workers as it may', () => {
    const at = (attempt: number): number => attempt * 60_000;
    const loses = (attempt: number) => [after(at(attempt), start(1, { attempt })), after(at(attempt), fail(1, LOST, { attempt }))] as const;
    const lost = Array.from({ length: MOST_INTERRUPTIONS }, (_, index) => index + 1).flatMap((attempt) => [
      ...loses(attempt),
      after(at(attempt + 1), retry(1, attempt + 1)),
    ]);
    const [begins, ends] = loses(MOST_INTERRUPTIONS + 1);
    given(submit([plannedStep(1)]), schedule(), ...lost, begins)
      .when(ends)
      .then(['StepFailed'], ['StepDeadLettered', { attempts: MOST_INTERRUPTIONS + 1 }]);
  });
});

describe('the success of an attempt', () => {
  it('keeps the output and queues the dependents', () => {
    const state = given(...running)
      .when(succeed(1, { answer: 1 }))
      .then(['StepSucceeded', { stepId: 1, attempt: 1, output: { answer: 1 } }]);
    expect([...state.queue]).toEqual([2]);
  });

  it('of the last step completes the run', () => {
    const state = given(submit(chain(1)), schedule(), start(1))
      .when(succeed(1))
      .then(['StepSucceeded'], ['WorkflowCompleted', { succeeded: 1, skipped: 0 }]);
    expect(state.state).toBe('SUCCEEDED');
  });

  it('decides nothing the second time, even after the end', () => {
    given(...running, succeed(1))
      .when(succeed(1))
      .thenNothing();
    given(submit(chain(1)), schedule(), start(1), succeed(1))
      .when(succeed(1))
      .thenNothing();
    given(...running, succeed(1), cancel())
      .when(succeed(1))
      .thenNothing();
  });
});

describe.each([
  ['success', succeed],
  ['failure', fail],
] as const)('the %s of an attempt that is not running', (_, outcome) => {
  const outcomeOfFirst = (at: Parameters<typeof succeed>[2]) => (outcome === succeed ? succeed(1, {}, at) : fail(1, BROKEN, at));

  it('is refused where another worker has it', () => {
    given(...running)
      .when(outcomeOfFirst({ worker: 'w2' }))
      .thenRefused('step.attempt-not-running', /Attempt 1 of step 1 is not running at w2: the step is RUNNING, attempt 1/);
  });

  it('is refused before its start', () => {
    given(...ready)
      .when(outcomeOfFirst({}))
      .thenRefused('step.attempt-not-running', /READY/);
  });

  it('is refused for a stale attempt', () => {
    given(...running, fail(1), after(1_000, retry(1, 2)), start(1, { attempt: 2 }))
      .when(outcomeOfFirst({ attempt: 1 }))
      .thenRefused('step.attempt-not-running', /RUNNING, attempt 2/);
  });

  it('is refused once the run is cancelled', () => {
    given(...running, cancel(), after(30_000, endStopping))
      .when(outcomeOfFirst({ worker: 'w2' }))
      .thenRefused('workflow.finished', /CANCELLED/);
  });

  it('is refused for an unknown step', () => {
    given(...running)
      .when(outcome === succeed ? succeed(9) : fail(9))
      .thenRefused('step.not-found', /no step 9/);
  });
});

describe('the failure of an attempt', () => {
  it('schedules the next one after a delay', () => {
    const state = given(...running)
      .when(fail(1))
      .then(['StepFailed', { attempt: 1, error: BROKEN }], ['StepRetryScheduled', { attempt: 2, dueAt: time(1_000) }]);
    expect(state.steps.at(0)).toMatchObject({ state: 'FAILED', retryDueAt: time(1_000) });
  });

  it('shortens the delay by chance, where the policy has jitter', () => {
    const retryPolicy = { ...plannedStep(1).retry, jitter: 0.5 };
    given(submit([plannedStep(1, { retry: retryPolicy })]), schedule(), start(1))
      .when(fail(1), 0.5)
      .then(['StepFailed'], ['StepRetryScheduled', { dueAt: time(750) }]);
  });

  it('puts the step aside where another attempt cannot help', () => {
    const state = given(...running)
      .when(fail(1, HOPELESS))
      .then(['StepFailed'], ['StepDeadLettered', { attempts: 1, tool: 'echo', args: { text: 'of 1' }, error: HOPELESS }]);
    expect(state).toMatchObject({ state: 'RUNNING' });
    expect(state.steps.at(0)).toMatchObject({ state: 'FAILED', deadLetteredAt: time(0) });
  });

  it('invariant 14: puts the step aside when its attempts are used up', () => {
    const second = [after(1_000, retry(1, 2)), start(1, { attempt: 2 })] as const;
    const third = [after(3_000, retry(1, 3)), start(1, { attempt: 3 })] as const;
    given(...running, fail(1), ...second, fail(1, BROKEN, { attempt: 2 }), ...third)
      .when(fail(1, BROKEN, { attempt: 3 }))
      .then(['StepFailed', { attempt: 3 }], ['StepDeadLettered', { attempts: 3 }]);
  });

  it('invariant 20: never repeats a non-idempotent tool whose outcome is unknown, but does where the tool says it did nothing', () => {
    const history = [submit([plannedStep(1, { effect: 'non-idempotent' })]), schedule(), start(1)] as const;
    given(...history)
      .when(fail(1, TIMED_OUT))
      .then(
        ['StepFailed', { error: TIMED_OUT }],
        [
          'StepDeadLettered',
          { error: { ...TIMED_OUT, message: 'The attempt took too long. Whether the tool had its effect is unknown.' } },
        ],
      );
    given(...history)
      .when(fail(1))
      .then(['StepFailed'], ['StepRetryScheduled']);
  });

  it('decides nothing the second time', () => {
    given(...running, fail(1))
      .when(fail(1))
      .thenNothing();
    given(...running, fail(1, HOPELESS))
      .when(fail(1, HOPELESS))
      .thenNothing();
  });
});

describe('a retry', () => {
  it('makes the next attempt ready with the same arguments, when due', () => {
    given(...running, fail(1))
      .when(after(1_000, retry(1, 2)))
      .then(['StepReady', { attempt: 2, args: { text: 'of 1' } }]);
  });

  it('invariant 15: is never early', () => {
    given(...running, fail(1))
      .when(after(999, retry(1, 2)))
      .thenRefused('step.retry-not-due', /due at 2026-01-05T08:00:01/);
  });

  it('takes effect once', () => {
    given(...running, fail(1), after(1_000, retry(1, 2)))
      .when(after(2_000, retry(1, 2)))
      .thenNothing();
    given(...running, fail(1), after(1_000, retry(1, 2)), start(1, { attempt: 2 }), succeed(1, {}, { attempt: 2 }))
      .when(after(3_000, retry(1, 2)))
      .thenNothing();
  });

  it('is refused where none is scheduled', () => {
    given(...running)
      .when(retry(1, 2))
      .thenRefused('step.not-ready', /No attempt 2 of step 1/);
    given(...running, fail(1))
      .when(after(9_000, retry(1, 3)))
      .thenRefused('step.not-ready', /No attempt 3/);
    given(...running, fail(1, HOPELESS))
      .when(after(9_000, retry(1, 2)))
      .thenRefused('step.not-ready', /No attempt 2/);
    given(...running, fail(1), cancel())
      .when(after(9_000, retry(1, 2)))
      .thenRefused('workflow.finished', /CANCELLED/);
  });
});
