import {
  cancel,
  dropParked,
  fail,
  HOPELESS,
  park,
  readyAgain,
  recordPlanFailure,
  replayParked,
  schedule,
  start,
  submit,
  succeed,
} from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given, time } from '../support/scenario.js';
import { standsStill, waitsOf } from '../../../src/domain/workflow/waiting.js';

const parked = [submit(chain(1)), park('advance-run', 1)] as const;

describe('an event that a handler could not deal with', () => {
  it('is parked in its run, which waits for a person', () => {
    const state = given(submit(chain(1)))
      .when(park('advance-run', 1))
      .then(['EventParked', { handler: 'advance-run', revision: 1, eventType: 'WorkflowPlanned', tries: 40, reason: 'a defect' }]);
    expect(waitsOf(state)).toEqual([{ kind: 'parked', stepId: null, since: time(0), until: null, approvalId: null }]);
    expect(standsStill(state)).toBe(true);
    const planning = given(submit()).when(park('plan-submitted-intent', 0)).then(['EventParked']);
    expect(standsStill(planning)).toBe(true);
  });

  it('is parked once by each handler', () => {
    given(...parked)
      .when(park('advance-run', 1))
      .thenNothing();
    given(...parked)
      .when(park('another', 1))
      .then(['EventParked', { handler: 'another' }]);
  });

  it('is of no interest once the run has ended', () => {
    given(submit(), cancel()).when(park('advance-run', 1)).thenNothing();
  });

  it('waits no more once it was replayed or dropped', () => {
    const replayed = given(...parked)
      .when(replayParked('advance-run', 1))
      .then(['ParkedEventReplayed', { handler: 'advance-run', revision: 1, decidedBy: 7 }]);
    expect(waitsOf(replayed)).toEqual([]);
    given(...parked)
      .when(dropParked('advance-run', 1))
      .then(['ParkedEventDropped', { handler: 'advance-run', revision: 1, decidedBy: 7 }]);
    given(...parked, dropParked('advance-run', 1))
      .when(replayParked('advance-run', 1))
      .thenRefused('parked-event.not-found', /advance-run has parked no event 1 of workflow 42/);
  });

  it('that is dropped leaves nobody waiting for what was to come of it', () => {
    const ready = [submit(chain(1)), schedule(), park('step-executor', 2, { eventType: 'StepReady', stepId: 1 })] as const;
    const state = given(...ready)
      .when(dropParked('step-executor', 2))
      .then(
        ['ParkedEventDropped'],
        ['StepDeadLettered', { stepId: 1, attempts: 0, error: expect.objectContaining({ effect: 'none' }) as unknown }],
      );
    expect(waitsOf(state).map(({ kind }) => kind)).toEqual(['dead_letter']);
    given(...ready, start(1))
      .when(dropParked('step-executor', 2))
      .then(['ParkedEventDropped']);
    given(submit(), park('plan-submitted-intent', 0, { eventType: 'WorkflowSubmitted' }))
      .when(dropParked('plan-submitted-intent', 0))
      .then(['ParkedEventDropped'], ['WorkflowFailed', { code: 'workflow.not-planned', reason: 'Nobody plans it: a defect' }]);
    given(submit([plannedStep(1)], 'L3', 'Do it', 'skip'), schedule(), park('step-executor', 2, { eventType: 'StepReady', stepId: 1 }))
      .when(dropParked('step-executor', 2))
      .then(['ParkedEventDropped'], ['StepSkipped', { cause: 'failure' }], ['WorkflowCompleted']);
  });

  it('leaves nothing behind the end of its run, whether replaying it ended the run or somebody else did', () => {
    given(...parked, cancel())
      .when(dropParked('advance-run', 1))
      .thenNothing();
    given(submit(), park('plan-submitted-intent', 0), recordPlanFailure).when(replayParked('plan-submitted-intent', 0)).thenNothing();
  });

  it('is no reason to call a run still that goes on by itself', () => {
    const busy = [submit([plannedStep(1), plannedStep(2)]), schedule(), start(1), fail(1), park('advance-run', 1)] as const;
    expect(standsStill(given(...busy).state)).toBe(false);
    expect(standsStill(given(...busy, start(2), succeed(2)).state)).toBe(false);
    const still = given(
      submit([plannedStep(1), plannedStep(2)]),
      schedule(),
      start(1),
      succeed(1),
      start(2),
      fail(2, HOPELESS),
      park('advance-run', 1),
    );
    expect(standsStill(still.state)).toBe(true);
  });

  it('that was to start a step: the step is ready again under a number of its own, unless it has gone on', () => {
    const ready = [submit(chain(1)), schedule(), park('step-executor', 2)] as const;
    given(...ready)
      .when(readyAgain(1))
      .then(['StepReady', { stepId: 1, attempt: 2 }]);
    given(...ready, start(1))
      .when(readyAgain(1))
      .thenNothing();
    given(...ready, start(1), succeed(1))
      .when(readyAgain(1))
      .thenNothing();
    given(...ready, start(1), fail(1, HOPELESS))
      .when(readyAgain(1))
      .thenNothing();
  });
});
