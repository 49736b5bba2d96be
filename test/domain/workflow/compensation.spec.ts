import fc from 'fast-check';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { validatePlan, type ToolCatalogue } from '../../../src/domain/plan/validate-plan.js';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import type { ToolManifest } from '../../../src/domain/tool/tool-manifest.js';
import { compensationOf } from '../../../src/domain/workflow/decisions/compensation.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import type { WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import {
  approve,
  cancel,
  cancelAndUndo,
  complete,
  endStopping,
  fail,
  giveUp,
  HOPELESS,
  reject,
  schedule,
  skip,
  start,
  submit,
  succeed,
  TOOL_NOW,
  tryAgain,
} from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { randomPlan } from '../support/random-plans.js';
import { RandomRun } from '../support/random-run.js';
import { after, given } from '../support/scenario.js';

const open = { type: 'object' };
const manifest: ToolManifest = {
  name: 'unecho',
  version: '1.0.0',
  description: 'Takes back.',
  riskLevel: 'L0',
  effect: 'idempotent',
  timeoutMs: 1_000,
  retry: DEFAULT_RETRY_POLICY,
  concurrency: 1,
  inputSchema: open,
  outputSchema: open,
};
const TOOLS: ToolCatalogue = {
  manifest: (name) => (name === 'unecho' ? manifest : undefined),
  checkArgs: (_, { id }) => (id === 'unknown' ? 'there is no such id.' : undefined),
};
const undo = { tool: 'unecho', args: { id: { $from: 'output', path: '/id' }, text: { $from: 'args', path: '/text' } } };
const undoable = (stepId: number, change: Partial<PlannedStep> = {}): PlannedStep => plannedStep(stepId, { undo, ...change });
const after1 = { dependsOn: ['s1'] };
const done = (stepId: number, id = `id of ${stepId}`): readonly WorkflowCommand[] => [start(stepId), succeed(stepId, { id })];

/** The last step of each has not been done. */
function history(steps: readonly PlannedStep[]): WorkflowCommand[] {
  const commands: WorkflowCommand[] = [submit(steps)];
  const ready = new Set<string>();
  // A scheduling that finds nothing would not be history.
  const scheduleIfAny = (): void => {
    const found = steps.filter(({ key, dependsOn }) => !ready.has(key) && dependsOn.every((other) => succeeded.has(other))).slice(0, 250);
    if (found.length === 0) return;
    commands.push(schedule());
    found.forEach(({ key }) => ready.add(key));
    scheduleIfAny();
  };
  const succeeded = new Set<string>();
  scheduleIfAny();
  for (const { stepId, key } of steps.slice(0, -1)) {
    commands.push(...done(stepId));
    succeeded.add(key);
    scheduleIfAny();
  }
  return commands;
}

const edges = (state: WorkflowState): Record<string, readonly string[]> =>
  Object.fromEntries(compensationOf(state, TOOLS).plan.steps.map(({ key, dependsOn }) => [key, dependsOn]));

describe('cancelling a run and undoing what it did', () => {
  const diamond = [
    undoable(1),
    undoable(2, after1),
    plannedStep(3, after1),
    undoable(4, { dependsOn: ['s2', 's3'] }),
    undoable(5, { dependsOn: ['s4'] }),
  ];
  const halfway = history(diamond);

  it('says at the end what is to be undone, and what stays', () => {
    given(...halfway)
      .when(cancelAndUndo)
      .then(['WorkflowCancelled', { cancelledBy: 7, reason: 'Undo it', compensation: { undo: [1, 2, 4], keep: [3] } }]);
  });

  it('says nothing of it where that is not asked for', () => {
    const state = given(...halfway)
      .when(cancel())
      .then(['WorkflowCancelled']);
    expect(state.isCompensated).toBe(false);
  });

  it('says that the effect of a step stays whose output lacks what its undo needs, and of one that may have had it though it failed', () => {
    const steps = [undoable(1), undoable(2), undoable(3, { effect: 'non-idempotent' }), plannedStep(4)];
    const doubtful = { code: 'x', message: 'no answer', retryable: false, effect: 'unknown' } as const;
    given(submit(steps), schedule(), ...done(1), start(2), succeed(2, {}), start(3), fail(3, doubtful))
      .when(cancelAndUndo)
      .then(['WorkflowCancelled', { compensation: { undo: [1], keep: [2, 3] } }]);
  });

  it('counts what was in flight and has its outcome by then', () => {
    given(...halfway, start(5), cancelAndUndo)
      .when(succeed(5, { id: 'late' }))
      .then(['StepSucceeded'], ['WorkflowCancelled', { compensation: { undo: [1, 2, 4, 5], keep: [3] } }]);
    given(...halfway, start(5), cancelAndUndo)
      .when(after(30_000, endStopping))
      .then(['StepFailed'], ['WorkflowCancelled', { compensation: { undo: [1, 2, 4], keep: [3, 5] } }]);
  });

  it('is decided once', () => {
    for (const stopped of [
      [...halfway, cancelAndUndo],
      [...halfway, start(5), cancelAndUndo],
    ]) {
      for (const repeat of [cancelAndUndo, cancel()])
        given(...stopped)
          .when(repeat)
          .thenNothing();
    }
  });

  it('is refused where the run was cancelled, or is being, without that', () => {
    given(...halfway, cancel())
      .when(cancelAndUndo)
      .thenRefused('workflow.finished', /CANCELLED already/);
    given(...halfway, start(5), cancel())
      .when(cancelAndUndo)
      .thenRefused('workflow.stopping', /being stopped already/);
  });
});

describe('what undoes a run', () => {
  const ended = (...commands: readonly WorkflowCommand[]): WorkflowState => given(...commands, cancel()).state;

  it('are the undos of the steps that succeeded, with their arguments, what was done last first', () => {
    const state = ended(...history([undoable(1), undoable(2, after1), undoable(3, { dependsOn: ['s2'] })]));
    expect(compensationOf(state, TOOLS)).toEqual({
      notUndone: [],
      plan: {
        steps: [
          {
            key: 'undo-2',
            name: 'Undo: Step 2',
            tool: 'unecho',
            args: { id: 'id of 2', text: 'of 2' },
            dependsOn: [],
            toleratesSkips: true,
          },
          {
            key: 'undo-1',
            name: 'Undo: Step 1',
            tool: 'unecho',
            args: { id: 'id of 1', text: 'of 1' },
            dependsOn: ['undo-2'],
            toleratesSkips: true,
          },
        ],
      },
    });
  });

  it('keeps the order over steps that have nothing to undo', () => {
    const state = ended(
      ...history([
        undoable(1),
        plannedStep(2, after1),
        plannedStep(3, { dependsOn: ['s2'], effect: 'read-only' }),
        undoable(4, { dependsOn: ['s3'] }),
        undoable(5, after1),
        plannedStep(6, { dependsOn: ['s5'] }),
      ]),
    );
    expect(edges(state)).toEqual({ 'undo-5': [], 'undo-4': [], 'undo-1': ['undo-5', 'undo-4'] });
  });

  it('leaves out what did nothing here: what was skipped, failed, or was taken over from another run', () => {
    const state = ended(submit([undoable(1), undoable(2), undoable(3)]), schedule(), start(1), fail(1, HOPELESS), skip(1), ...done(2));
    expect(Object.keys(edges(state))).toEqual(['undo-2']);
    const rerun: WorkflowCommand = {
      type: 'SubmitIntent',
      data: {
        userId: 7,
        intent: 'again',
        approvalFrom: 'L3',
        timeZone: 'UTC',
        keyPrefix: 'run',
        steps: [undoable(1), undoable(2), undoable(3)],
        rerun: { of: 41, outputs: [{ stepId: 1, output: { id: 'of another run' } }] },
      },
    };
    expect(Object.keys(edges(ended(rerun, schedule(), ...done(2))))).toEqual(['undo-2']);
  });

  it('undoes what a person did in the place of a tool', () => {
    const state = ended(submit([undoable(1), undoable(2)]), schedule(), start(1), fail(1, HOPELESS), complete(1, { id: 'by hand' }));
    expect(compensationOf(state, TOOLS).plan.steps).toMatchObject([{ key: 'undo-1', args: { id: 'by hand' } }]);
  });

  it('goes by the tool as it was when the step was tried again', () => {
    const again = (tool: Parameters<typeof tryAgain>[2]) => [
      submit([undoable(1), undoable(2)]),
      schedule(),
      start(1),
      fail(1, HOPELESS),
      tryAgain(1, undefined, { ...TOOL_NOW, ...tool }),
      schedule(),
      start(1, { attempt: 2 }),
      succeed(1, { id: 'x' }, { attempt: 2 }),
    ];
    expect(edges(ended(...again({ undo })))).toEqual({ 'undo-1': [] });
    expect(() => edges(ended(...again({})))).toThrow('Nothing that workflow 42 did can be undone.');
  });

  it.each<readonly [string, object, RegExp]>([
    ['lacks a part', {}, /the output of the call has nothing at "\/id"/],
    ['does not fit the tool', { id: 'unknown' }, /there is no such id/],
    ['would be taken for a reference', { id: { $from: 's1', path: '/x' } }, /taken for references/],
    ['is too long', { id: 'x'.repeat(70_000) }, /too long/],
  ])('tells of an undo that is not possible, for what it needs %s', (_, output, reason) => {
    const state = ended(
      submit([undoable(1), undoable(2), undoable(3)]),
      schedule(),
      ...done(1),
      start(2),
      succeed(2, output as { id: string }),
    );
    const { plan, notUndone } = compensationOf(state, TOOLS);
    expect(plan.steps.map(({ key }) => key)).toEqual(['undo-1']);
    expect(notUndone).toEqual([{ stepId: 2, name: 'Step 2', reason: expect.stringMatching(reason) as string }]);
  });

  it('is refused where there is nothing, or not yet', () => {
    expect(() => compensationOf(ended(submit([plannedStep(1), undoable(2)]), schedule(), ...done(1)), TOOLS)).toThrow(
      /^Nothing that workflow 42 did/,
    );
    expect(() => compensationOf(given(submit([undoable(1)]), schedule()).state, TOOLS)).toThrow(/is RUNNING: only a finished one/);
    const elsewhere = { ...undo, tool: 'gone' };
    const gone = ended(...history([undoable(1, { undo: elsewhere }), undoable(2)]));
    expect(() => compensationOf(gone, TOOLS)).toThrow(/can be undone \(of "Step 1": there is no tool "gone"\)/);
  });

  it('holds of a run that failed or succeeded as well', () => {
    const failed = given(submit([undoable(1), undoable(2)]), schedule(), ...done(1), giveUp()).state;
    expect(edges(failed)).toEqual({ 'undo-1': [] });
    const succeeded = given(submit([undoable(1)]), schedule(), ...done(1)).state;
    expect(edges(succeeded)).toEqual({ 'undo-1': [] });
  });

  it('is one after the other where a plan could not hold the dependencies', () => {
    const wide = 400;
    const all = Array.from({ length: wide }, (_, index) => `s${index + 1}`);
    const steps = [
      ...all.map((_, index) => undoable(index + 1)),
      plannedStep(wide + 1, { dependsOn: all }),
      ...all.map((_, index) => undoable(wide + 2 + index, { dependsOn: [`s${wide + 1}`] })),
      plannedStep(2 * wide + 2),
    ];
    const { plan } = compensationOf(ended(...history(steps)), TOOLS);
    expect(plan.steps).toHaveLength(2 * wide);
    expect(plan.steps.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0)).toBe(2 * wide - 1);
    expect(() => validatePlan(plan, TOOLS)).not.toThrow();
  });

  it('is a valid plan that undoes every such step of any run, after what depended on it', () => {
    fc.assert(
      fc.property(randomPlan, fc.nat(30), (planned, failing) => {
        const steps = planned.map((step) => (step.stepId % 3 === 0 ? step : { ...step, undo: { tool: 'unecho', args: {} } }));
        const run = new RandomRun(steps, 'L3', 'skip');
        run.settle({ outcome: (stepId) => (stepId === (failing % 40) + 1 ? 'is hopeless' : 'succeeds'), approves: () => true });
        const wanted = [...run.state.steps].filter(({ state, plan }) => state === 'SUCCEEDED' && plan.undo && plan.effect !== 'read-only');
        if (wanted.length === 0) return;
        const { plan } = compensationOf(run.state, TOOLS);
        const dependenciesOf = new Map(validatePlan(plan, TOOLS).map(({ key, dependsOn }) => [key, dependsOn]));
        expect([...dependenciesOf.keys()].sort()).toEqual(wanted.map((step) => `undo-${step.plan.stepId}`).sort());
        const comesAfter = (key: string, other: string): boolean =>
          dependenciesOf.get(key)!.some((dependency) => dependency === other || comesAfter(dependency, other));
        for (const { plan: one } of wanted)
          for (const { plan: other } of wanted)
            if (other.dependsOn.includes(one.key)) expect(comesAfter(`undo-${one.stepId}`, `undo-${other.stepId}`)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a step that comes after others, and needs nothing of them', () => {
  const tolerant = [plannedStep(1, { riskLevel: 'L3' }), plannedStep(2, { ...after1, toleratesSkips: true }), plannedStep(3, after1)];

  it('goes on where one of them was rejected, unlike others', () => {
    const asked = [submit(tolerant), schedule({ 1: 11 })];
    given(...asked, reject(11))
      .when(schedule())
      .then(['StepReady', { stepId: 2 }], ['StepSkipped', { stepId: 3, cause: 'dependency' }]);
    given(...asked, approve(11), schedule(), start(1))
      .when(schedule())
      .thenNothing();
  });
});
