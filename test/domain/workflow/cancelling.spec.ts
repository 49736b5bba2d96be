import { approve, cancel, fail, HOPELESS, recordPlanFailure, schedule, start, submit, succeed } from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given } from '../support/scenario.js';

const risky = [plannedStep(1, { riskLevel: 'L3' })];

describe('a cancel', () => {
  it.each([
    ['is being planned', [submit()]],
    ['has just been planned', [submit(chain(2))]],
    ['has a ready step', [submit(chain(2)), schedule()]],
    ['has a running step', [submit(chain(2)), schedule(), start(1)]],
    ['waits for a retry', [submit(chain(2)), schedule(), start(1), fail(1)]],
    ['has a dead letter', [submit(chain(2)), schedule(), start(1), fail(1, HOPELESS)]],
    ['waits for an approval', [submit(risky), schedule({ 1: 11 })]],
    ['was granted one', [submit(risky), schedule({ 1: 11 }), approve(11)]],
  ])('ends a run that %s', (_, history) => {
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

  it('invariant 12: makes nothing ready afterwards', () => {
    given(submit(chain(2)), cancel())
      .when(schedule())
      .thenNothing();
  });
});
