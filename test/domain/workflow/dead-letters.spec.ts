import {
  approve,
  cancel,
  complete,
  fail,
  giveUp,
  HOPELESS,
  reject,
  schedule,
  skip,
  start,
  submit,
  succeed,
  tryAgain,
} from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given, printOf } from '../support/scenario.js';

const dead = [submit(chain(2)), schedule(), start(1), fail(1, HOPELESS)] as const;
const risky = plannedStep(1, { riskLevel: 'L3' });
const deadRisky = [submit([risky]), schedule({ 1: 11 }), approve(11), schedule(), start(1), fail(1, HOPELESS)] as const;

describe('trying a dead letter again', () => {
  it('begins its attempts anew, with the same arguments', () => {
    const state = given(...dead)
      .when(tryAgain(1))
      .then(['StepRetryRequested', { stepId: 1, args: { text: 'of 1' }, isEdited: false, decidedBy: 7, reason: 'Once more' }]);
    expect(state.steps.at(0)).toMatchObject({ state: 'PENDING', deadLetteredAt: null, tries: 0, error: null });
    given(...dead, tryAgain(1))
      .when(schedule())
      .then(['StepReady', { stepId: 1, attempt: 2, args: { text: 'of 1' } }]);
    given(...dead, tryAgain(1), schedule(), start(1, { attempt: 2 }))
      .when(fail(1, undefined, { attempt: 2 }))
      .then(['StepFailed'], ['StepRetryScheduled', { attempt: 3 }]);
  });

  it('takes other arguments in their place', () => {
    given(...dead)
      .when(tryAgain(1, { text: 'other' }))
      .then(['StepRetryRequested', { args: { text: 'other' }, argsHash: printOf({ text: 'other' }), isEdited: true }]);
    given(...dead, tryAgain(1, { text: 'other' }))
      .when(schedule())
      .then(['StepReady', { args: { text: 'other' }, argsHash: printOf({ text: 'other' }) }]);
  });

  it('invariant 22: asks for approval again, whether the arguments are others or not', () => {
    for (const again of [tryAgain(1, undefined, { riskLevel: 'L3' }), tryAgain(1, { text: 'other' }, { riskLevel: 'L3' })]) {
      given(...deadRisky, again)
        .when(schedule({ 1: 12 }))
        .then(['StepBlocked'], ['ApprovalRequested', { approvalId: 12 }]);
    }
  });

  it('takes over what the tool says of itself now, but never a lower risk', () => {
    const now = { toolVersion: '2.0.0', timeoutMs: 9, effect: 'non-idempotent' } as const;
    const state = given(...deadRisky)
      .when(tryAgain(1, undefined, { ...now, riskLevel: 'L1' }))
      .then(['StepRetryRequested', { ...now, riskLevel: 'L3' }]);
    expect(state.steps.at(0)!.plan).toMatchObject({ ...now, riskLevel: 'L3' });
    given(...dead, tryAgain(1, undefined, { riskLevel: 'L3', toolVersion: '2.0.0' }))
      .when(schedule({ 1: 12 }))
      .then(['StepBlocked'], ['ApprovalRequested', { toolVersion: '2.0.0' }]);
  });

  it('invariant 23: a repeat of an earlier decision is still one', () => {
    const retried = [...deadRisky, tryAgain(1, undefined, { riskLevel: 'L3' }), schedule({ 1: 12 })] as const;
    given(...retried)
      .when(approve(11))
      .thenNothing();
    given(...retried)
      .when(reject(11))
      .thenRefused('approval.already-decided', /Approval 11 was approved/);
    given(...retried)
      .when(approve(12))
      .then(['ApprovalGranted', { approvalId: 12 }]);
    given(...retried)
      .when(approve(13))
      .thenRefused('approval.not-found', /no approval 13/);
  });

  it('is not taken for a repeat once a person has decided otherwise', () => {
    const again = [...dead, tryAgain(1), schedule(), start(1, { attempt: 2 }), fail(1, HOPELESS, { attempt: 2 })] as const;
    given(...again, skip(1))
      .when(tryAgain(1))
      .thenRefused('step.not-dead-lettered', /SKIPPED/);
    given(...again, complete(1))
      .when(tryAgain(1))
      .thenRefused('step.not-dead-lettered', /SUCCEEDED/);
    given(...again)
      .when(tryAgain(1))
      .then(['StepRetryRequested']);
  });

  it('decides nothing the second time, and is refused once the step has gone on otherwise', () => {
    given(...dead, tryAgain(1))
      .when(tryAgain(1))
      .thenNothing();
    given(...dead, tryAgain(1), schedule())
      .when(tryAgain(1))
      .thenNothing();
    given(...dead, tryAgain(1))
      .when(tryAgain(1, { text: 'other' }))
      .thenRefused('step.not-dead-lettered', /Step 1 of workflow 42 does not wait as a dead letter: it is PENDING/);
    given(...dead, skip(1))
      .when(tryAgain(1))
      .thenRefused('step.not-dead-lettered', /SKIPPED/);
  });

  it('completes arguments anew where they never were complete', () => {
    const steps = [plannedStep(1), plannedStep(2, { dependsOn: ['s1'], args: { of: { $from: 's1', path: '/missing' } } })];
    const history = [submit(steps), schedule(), start(1), succeed(1, {}), schedule()] as const;
    given(...history, tryAgain(2))
      .when(schedule())
      .then(['StepDeadLettered', { error: expect.objectContaining({ code: 'args.unresolvable' }) as unknown }]);
    given(...history, tryAgain(2, { of: 'by hand' }))
      .when(schedule())
      .then(['StepReady', { stepId: 2, attempt: 1, args: { of: 'by hand' } }]);
  });
});

describe('skipping a dead letter', () => {
  it('skips what depends on it, and the run ends', () => {
    given(...dead)
      .when(skip(1, 'Not needed'))
      .then(['StepSkipped', { stepId: 1, cause: 'person', reason: 'Not needed', decidedBy: 7 }]);
    given(...dead, skip(1))
      .when(schedule())
      .then(['StepSkipped', { stepId: 2, cause: 'dependency' }], ['WorkflowCompleted', { succeeded: 0, skipped: 2, failed: 0 }]);
    given(submit(chain(1)), schedule(), start(1), fail(1, HOPELESS))
      .when(skip(1))
      .then(['StepSkipped'], ['WorkflowCompleted']);
  });

  it('decides nothing the second time, even after the end', () => {
    given(...dead, skip(1))
      .when(skip(1))
      .thenNothing();
    given(...dead, skip(1), schedule())
      .when(skip(1))
      .thenNothing();
  });
});

describe('completing a dead letter by hand', () => {
  it('gives its dependents the output', () => {
    given(...dead)
      .when(complete(1, { sent: true }))
      .then(['StepSucceeded', { stepId: 1, attempt: 1, output: { sent: true }, byHand: { decidedBy: 7, reason: 'Did it myself' } }]);
    given(...dead, complete(1))
      .when(schedule())
      .then(['StepReady', { stepId: 2 }]);
    given(submit(chain(1)), schedule(), start(1), fail(1, HOPELESS))
      .when(complete(1))
      .then(['StepSucceeded'], ['WorkflowCompleted', { succeeded: 1 }]);
  });

  it('decides nothing the second time, and is refused with another output', () => {
    given(...dead, complete(1))
      .when(complete(1))
      .thenNothing();
    given(...dead, complete(1))
      .when(complete(1, { other: 1 }))
      .thenRefused('step.not-dead-lettered', /SUCCEEDED/);
  });
});

describe.each([
  ['trying again', tryAgain(1)],
  ['skipping', skip(1)],
  ['completing', complete(1)],
] as const)('%s', (_, command) => {
  it('is refused for steps that do not wait as dead letters, and once the run is being stopped or has ended', () => {
    given(submit(chain(2)), schedule(), start(1))
      .when(command)
      .thenRefused('step.not-dead-lettered', /RUNNING/);
    given(submit(chain(2)), schedule(), start(1), fail(1))
      .when(command)
      .thenRefused('step.not-dead-lettered', /FAILED/);
    given(...dead, cancel())
      .when(command)
      .thenRefused('workflow.finished', /CANCELLED/);
    given(submit([plannedStep(1), plannedStep(2)]), schedule(), start(1), start(2), fail(1, HOPELESS), giveUp('No use'))
      .when(command)
      .thenRefused('workflow.stopping', /No use/);
  });
});
