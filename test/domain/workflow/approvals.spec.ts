import { approve, cancel, reject, remind, schedule, start, submit, succeed } from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { given, printOf } from '../support/scenario.js';

const RISKY = plannedStep(1, { riskLevel: 'L3' });
const asked = [submit([RISKY, plannedStep(2)]), schedule({ 1: 11 })] as const;
const HASH = printOf(RISKY.args);

describe('an approval', () => {
  it('lets the step run with exactly the arguments shown', () => {
    given(...asked)
      .when(approve(11, { argsHash: HASH, reason: 'fine' }))
      .then(['ApprovalGranted', { approvalId: 11, decidedBy: 9, argsHash: HASH, reason: 'fine' }]);
    given(...asked, approve(11))
      .when(schedule())
      .then(['StepReady', { stepId: 1, attempt: 1, args: RISKY.args, argsHash: HASH }]);
  });

  it('invariant 21: comes before the start', () => {
    given(...asked)
      .when(start(1))
      .thenRefused('step.not-ready', /BLOCKED/);
    given(...asked, approve(11))
      .when(start(1))
      .thenRefused('step.not-ready', /BLOCKED/);
  });

  it('is asked for once', () => {
    given(...asked)
      .when(schedule({ 1: 12 }))
      .thenNothing();
    given(...asked, approve(11), schedule())
      .when(schedule({ 1: 12 }))
      .thenNothing();
  });
});

describe('a reminder', () => {
  it('says of which request it is, and which of its reminders', () => {
    given(...asked)
      .when(remind(11))
      .then(['ApprovalReminded', { stepId: 1, approvalId: 11, reminder: 1 }]);
  });

  it('is given once; a later one can take its place', () => {
    given(...asked, remind(11))
      .when(remind(11))
      .thenNothing();
    given(...asked, remind(11, 3))
      .when(remind(11, 2))
      .thenNothing();
    given(...asked, remind(11))
      .when(remind(11, 3))
      .then(['ApprovalReminded', { reminder: 3 }]);
  });

  it('is of no request that was decided, is void or is another one', () => {
    given(...asked, approve(11))
      .when(remind(11))
      .thenNothing();
    given(...asked, reject(11))
      .when(remind(11))
      .thenNothing();
    given(...asked, cancel())
      .when(remind(11))
      .thenNothing();
    given(...asked)
      .when(remind(12))
      .thenNothing();
  });
});

describe('a rejection', () => {
  it('skips the step and says why', () => {
    given(...asked)
      .when(reject(11, { reason: 'too dear' }))
      .then(
        ['ApprovalRejected', { approvalId: 11, decidedBy: 9, reason: 'too dear' }],
        ['StepSkipped', { stepId: 1, reason: 'Its approval was rejected: too dear' }],
      );
  });

  it('of the last open step completes the run', () => {
    given(...asked, start(2), succeed(2))
      .when(reject(11))
      .then(
        ['ApprovalRejected'],
        ['StepSkipped', { reason: 'Its approval was rejected.' }],
        ['WorkflowCompleted', { succeeded: 1, skipped: 1 }],
      );
  });
});

describe.each([
  ['approval', 'approved', approve, reject],
  ['rejection', 'rejected', reject, approve],
] as const)('a repeated %s', (_, word, decide, other) => {
  it('decides nothing, whoever repeats it', () => {
    given(...asked, decide(11))
      .when(decide(11, { decidedBy: 8 }))
      .thenNothing();
    given(...asked, decide(11), cancel())
      .when(decide(11))
      .thenNothing();
  });

  it('invariant 23: does not give way to the opposite', () => {
    given(...asked, decide(11))
      .when(other(11))
      .thenRefused('approval.already-decided', new RegExp(`Approval 11 was ${word} at 2026-01-05.* by 9`));
  });
});

describe.each([
  ['approve', approve],
  ['reject', reject],
] as const)('to %s', (_, decide) => {
  it('is refused over other arguments than shown', () => {
    given(...asked)
      .when(decide(11, { argsHash: 'other' }))
      .thenRefused('approval.stale-arguments', /other arguments than those of approval 11: read it again/);
  });

  it('is refused where there is no such request', () => {
    given(...asked)
      .when(decide(12))
      .thenRefused('approval.not-found', /no approval 12/);
    given(...asked)
      .when(decide(11, { stepId: 2 }))
      .thenRefused('approval.not-found', /no approval 11/);
    given(...asked)
      .when(decide(11, { stepId: 99 }))
      .thenRefused('approval.not-found', /no approval 11/);
  });

  it('invariant 25: is void after a cancel', () => {
    given(...asked, cancel())
      .when(decide(11))
      .thenRefused('approval.void', /void: the workflow is CANCELLED/);
  });
});
