import { fail, HOPELESS, reject, schedule, start, submit, succeed } from '../support/commands.js';
import { chain, plannedStep } from '../support/planned-steps.js';
import { given, printOf } from '../support/scenario.js';

const FROM_FIRST = plannedStep(2, { dependsOn: ['s1'], args: { text: { $from: 's1', path: '/items/1' } } });

describe('scheduling', () => {
  it('makes every step without open dependencies ready, in plan order', () => {
    given(submit([plannedStep(1), plannedStep(2, { dependsOn: ['s1'] }), plannedStep(3)]))
      .when(schedule())
      .then(
        ['StepReady', { stepId: 1, attempt: 1, tool: 'echo', args: { text: 'of 1' }, argsHash: printOf({ text: 'of 1' }) }],
        ['StepReady', { stepId: 3 }],
      );
  });

  it('decides nothing a second time, before the plan, and after the end', () => {
    given(submit()).when(schedule()).thenNothing();
    given(submit(chain(2)), schedule())
      .when(schedule())
      .thenNothing();
    given(submit(chain(1)), schedule(), start(1), succeed(1))
      .when(schedule())
      .thenNothing();
  });

  it('fills references from the outputs of earlier steps', () => {
    given(submit([plannedStep(1), FROM_FIRST]), schedule(), start(1), succeed(1, { items: ['a', 'b'] }))
      .when(schedule())
      .then(['StepReady', { stepId: 2, args: { text: 'b' }, argsHash: printOf({ text: 'b' }) }]);
  });

  it('puts a step aside whose arguments cannot be completed', () => {
    given(submit([plannedStep(1), FROM_FIRST]), schedule(), start(1), succeed(1, { items: ['a'] }))
      .when(schedule())
      .then(['StepDeadLettered', { stepId: 2, attempts: 0, error: expect.objectContaining({ code: 'args.unresolvable' }) as object }]);
  });

  it('puts a step aside whose completed arguments are too long', () => {
    given(submit([plannedStep(1), FROM_FIRST]), schedule(), start(1), succeed(1, { items: ['', 'x'.repeat(200_000)] }))
      .when(schedule())
      .then(['StepDeadLettered', { stepId: 2, error: expect.objectContaining({ code: 'args.too-large', retryable: false }) as object }]);
  });

  it('does not go on after a step that was put aside', () => {
    given(submit(chain(2)), schedule(), start(1), fail(1, HOPELESS))
      .when(schedule())
      .thenNothing();
  });

  it('asks for approval of a high-risk step, with the arguments that will run', () => {
    const state = given(submit([plannedStep(1, { riskLevel: 'L3', name: 'Send it' })]))
      .when(schedule({ 1: 11 }))
      .then(
        ['StepBlocked', { stepId: 1, reason: 'High-risk operation: Send it (risk level: L3)' }],
        ['ApprovalRequested', { stepId: 1, approvalId: 11, riskLevel: 'L3', toolVersion: '1.0.0', args: { text: 'of 1' } }],
      );
    expect(state.steps.at(0)).toMatchObject({ state: 'BLOCKED', approval: { status: 'required' } });
  });

  it('asks for medium-risk steps only where the run says so', () => {
    const steps = [plannedStep(1, { riskLevel: 'L2' })];
    given(submit(steps, 'L3')).when(schedule()).then(['StepReady']);
    given(submit(steps, 'L2'))
      .when(schedule({ 1: 11 }))
      .then(['StepBlocked'], ['ApprovalRequested', { riskLevel: 'L2' }]);
  });

  it('leaves a step that lacks an approval id for the next time', () => {
    given(submit([plannedStep(1, { riskLevel: 'L3' })]))
      .when(schedule())
      .thenNothing();
  });

  it('skips what depends on a skipped step, and completes the run with the last one', () => {
    const steps = [plannedStep(1, { riskLevel: 'L3' }), plannedStep(2, { dependsOn: ['s1'] }), plannedStep(3, { dependsOn: ['s2'] })];
    const rejected = given(submit(steps), schedule({ 1: 11 }), reject(11));
    rejected.when(schedule()).then(['StepSkipped', { stepId: 2, reason: 'It depends on "Step 1", which was skipped.' }]);
    const state = given(submit(steps), schedule({ 1: 11 }), reject(11), schedule())
      .when(schedule())
      .then(['StepSkipped', { stepId: 3 }], ['WorkflowCompleted', { succeeded: 0, skipped: 3 }]);
    expect(state.state).toBe('SUCCEEDED');
  });

  it('deals with a bounded number of steps at a time', () => {
    const steps = Array.from({ length: 251 }, (_, index) => plannedStep(index + 1));
    const state = given(submit(steps), schedule()).state;
    expect([...state.queue]).toEqual([251]);
  });
});
