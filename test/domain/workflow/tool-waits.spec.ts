import {
  approve,
  cancel,
  complete,
  fail,
  HOPELESS,
  offerTool,
  pause,
  resume,
  schedule,
  skip,
  start,
  submit,
  succeed,
  tryAgain,
  waitForTool,
} from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given, time } from '../support/scenario.js';
import { standsStill, waitsOf } from '../../../src/domain/workflow/waiting.js';

const ready = [submit(chain(2)), schedule()] as const;
const waiting = [...ready, waitForTool(1)] as const;

describe('a step whose tool is not there', () => {
  it('waits, and says so', () => {
    const state = given(...ready)
      .when(waitForTool(1))
      .then(['StepWaitsForTool', { stepId: 1, attempt: 1, tool: 'echo', toolVersion: '1.0.0' }]);
    expect(waitsOf(state)).toEqual([{ kind: 'tool', stepId: 1, since: time(0), until: null, approvalId: null }]);
    expect(standsStill(state)).toBe(true);
  });

  it('waits for room within a limit, which comes by itself', () => {
    const state = given(submit(chain(2), 'L3', 'Do it', undefined, { priority: 'high' }), schedule())
      .when(waitForTool(1, 1, 'limited'))
      .then(['StepWaitsForTool', { stepId: 1, because: 'limited', userId: 7, priority: 'high' }]);
    expect(waitsOf(state).map(({ kind }) => kind)).toEqual(['limit']);
    expect(standsStill(state)).toBe(false);
  });

  it('is not started meanwhile, whoever has the delivery', () => {
    given(...waiting)
      .when(start(1))
      .thenRefused('step.not-ready', /READY, attempt 1/);
  });

  it('is ready again, under a number of its own, where a node has the tool', () => {
    given(...waiting)
      .when(offerTool(1))
      .then(['StepReady', { stepId: 1, attempt: 2, tool: 'echo', toolVersion: '1.0.0', args: { text: 'of 1' } }]);
    const state = given(...waiting, offerTool(1), start(1, { attempt: 2 }))
      .when(succeed(1, {}, { attempt: 2 }))
      .then(['StepSucceeded']);
    expect(waitsOf(state)).toEqual([]);
  });

  it('takes effect once, whichever node comes first', () => {
    given(...waiting)
      .when(waitForTool(1))
      .thenNothing();
    given(...waiting, offerTool(1))
      .when(offerTool(1))
      .thenNothing();
    given(...ready, start(1))
      .when(waitForTool(1))
      .thenNothing();
    given(...ready)
      .when(offerTool(1))
      .thenNothing();
  });

  it('is not offered to a paused run, and looked at anew when that goes on', () => {
    given(...waiting, pause)
      .when(offerTool(1))
      .thenNothing();
    given(...waiting, pause, resume)
      .when(schedule())
      .then(['StepReady', { stepId: 1, attempt: 2 }]);
  });

  it('invariants 22, 34: what was approved counts no more where a person has it tried with the version that there is', () => {
    const risky = [submit([plannedStep(1, { riskLevel: 'L3' })]), schedule({ 1: 11 }), approve(11), schedule(), waitForTool(1)] as const;
    given(...risky)
      .when(tryAgain(1, undefined, { toolVersion: '2.0.0', riskLevel: 'L3' }))
      .then(['StepRetryRequested', { toolVersion: '2.0.0', isEdited: false }]);
    given(...risky, tryAgain(1, undefined, { toolVersion: '2.0.0', riskLevel: 'L3' }))
      .when(schedule({ 1: 12 }))
      .then(['StepBlocked'], ['ApprovalRequested', { approvalId: 12, toolVersion: '2.0.0' }]);
    given(...risky, tryAgain(1, undefined, { toolVersion: '2.0.0', riskLevel: 'L3' }), schedule({ 1: 12 }), approve(12))
      .when(schedule())
      .then(['StepReady', { attempt: 2, toolVersion: '2.0.0' }]);
  });

  it('does not wait in a run that is being stopped', () => {
    given(submit([plannedStep(1), plannedStep(2)]), schedule(), start(1), cancel())
      .when(waitForTool(2))
      .thenNothing();
  });

  it('does not make a call of what was none: a dead letter counts attempts that were started', () => {
    const history = [...ready, waitForTool(1), offerTool(1), waitForTool(1, 2), offerTool(1, 2), start(1, { attempt: 3 })] as const;
    given(...history)
      .when(fail(1, HOPELESS, { attempt: 3 }))
      .then(['StepFailed', { attempt: 3 }], ['StepDeadLettered', { attempts: 1 }]);
  });

  it('can be skipped or completed by hand, and its run cancelled', () => {
    given(...waiting)
      .when(skip(1))
      .then(['StepSkipped', { cause: 'person' }]);
    given(...waiting)
      .when(complete(1))
      .then(['StepSucceeded', { stepId: 1 }]);
    given(...waiting)
      .when(cancel())
      .then(['WorkflowCancelled']);
  });
});
