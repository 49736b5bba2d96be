import { fail, HOPELESS, retry, schedule, start, submit, tryAgain } from '../support/commands.js';
import { chain } from '../support/planned-steps.js';
import { after, given } from '../support/scenario.js';
import { evolveAll } from '../../../src/domain/workflow/evolve.js';
import { idempotencyKeyOf } from '../../../src/domain/workflow/idempotency-key.js';
import { initialWorkflow, stepOf } from '../../../src/domain/workflow/workflow.state.js';

const running = [submit(chain(2)), schedule(), start(1)] as const;

describe('the idempotency key', () => {
  it('invariant 33: is the same for every attempt of a step, and another for any other step', () => {
    given(submit(chain(2)), schedule())
      .when(start(1))
      .then(['StepStarted', { idempotencyKey: 'run/step-1' }]);
    given(...running, fail(1), after(1_000, retry(1, 2)))
      .when(start(1, { attempt: 2 }))
      .then(['StepStarted', { attempt: 2, idempotencyKey: 'run/step-1' }]);
    given(...running, fail(1, HOPELESS), tryAgain(1), schedule())
      .when(start(1, { attempt: 2 }))
      .then(['StepStarted', { idempotencyKey: 'run/step-1' }]);
  });

  it('is another where a person wants other arguments: another effect', () => {
    given(...running, fail(1, HOPELESS), tryAgain(1, { text: 'other' }), schedule())
      .when(start(1, { attempt: 2 }))
      .then(['StepStarted', { idempotencyKey: 'run/step-1/edit-1' }]);
  });

  it('has the id of the run where the submission was recorded without a prefix, as it had then', () => {
    const { state } = given(...running);
    const old = evolveAll(initialWorkflow(42), []);
    expect(idempotencyKeyOf({ ...state, keyPrefix: old.keyPrefix }, stepOf(state, 1)!)).toBe('workflow-42/step-1');
  });
});
