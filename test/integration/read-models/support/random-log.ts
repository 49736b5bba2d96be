import fc from 'fast-check';
import type { PlannedStep } from '../../../../src/domain/plan/plan.js';
import { RISK_LEVELS } from '../../../../src/domain/risk/risk-level.js';
import type { StepRecord } from '../../../../src/domain/workflow/workflow.state.js';
import { plannedStep, Run } from './run.js';

/** Texts that databases stumble over, among others. */
export const awkwardText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\0', 'a\0b', '\ud800', 'x\udfff', "Robert'); DROP TABLE workflows;--", '100 %', '_', '\\', '"', ':id $1 ?'),
);

interface RawStep {
  readonly dependsOn: readonly number[];
  readonly riskLevel: PlannedStep['riskLevel'];
  readonly effect: PlannedStep['effect'];
  readonly text: string;
}

const rawStep: fc.Arbitrary<RawStep> = fc.record({
  dependsOn: fc.array(fc.nat(7), { maxLength: 3 }),
  riskLevel: fc.constantFrom(...RISK_LEVELS),
  effect: fc.constantFrom('read-only', 'idempotent', 'non-idempotent'),
  text: awkwardText,
});

/** Each step depends on earlier ones only, so there is no cycle. */
const planOf = (steps: readonly RawStep[]): PlannedStep[] =>
  steps.map(({ dependsOn, riskLevel, effect, text }, index) =>
    plannedStep(index + 1, {
      name: `Step ${text}`,
      args: { [text]: text },
      dependsOn: index === 0 ? [] : [...new Set(dependsOn.map((before) => `s${(before % index) + 1}`))],
      riskLevel,
      effect,
    }),
  );

/** What can happen to a step next. */
function moves(run: Run, { plan: { stepId }, state, attempt, approval, retryDueAt }: StepRecord, text: string): (() => Run)[] {
  if (state === 'READY' || state === 'RUNNING')
    return [
      () => run.start(stepId, attempt),
      () => run.succeed(stepId, { text }, attempt),
      () => run.fail(stepId, attempt, true, text),
      () => run.fail(stepId, attempt, false, text),
    ];
  if (state === 'BLOCKED' && approval?.status === 'required') return [() => run.approve(stepId, text), () => run.reject(stepId)];
  if (state === 'FAILED' && retryDueAt !== null) return [() => run.retry(stepId, attempt + 1)];
  return [];
}

/** A run with a random plan in which random things happened, not always to its end. Every event is the decider's. */
export const randomRun = (workflowId: number): fc.Arbitrary<Run> =>
  fc
    .record({
      intent: awkwardText.map((text) => `do ${text} now`),
      plan: fc.option(fc.array(rawStep, { minLength: 1, maxLength: 8 }), { freq: 12 }),
      choices: fc.array(fc.record({ choice: fc.nat(1_000), text: awkwardText }), { maxLength: 25 }),
      cancelled: fc.option(awkwardText, { freq: 3 }),
    })
    .map(({ intent, plan, choices, cancelled }) => {
      const run = new Run(workflowId).submit(intent, workflowId % 3);
      if (plan) run.plan(...planOf(plan));
      else if (cancelled === null) run.do('RecordPlanFailure', { code: 'plan.none', reason: intent });
      for (const { choice, text } of choices) {
        if (run.state.state !== 'RUNNING') break;
        const possible = [...run.state.steps].flatMap((step) => moves(run, step, text));
        possible[choice % possible.length]?.();
      }
      const isOpen = run.state.state === 'RUNNING' || run.state.state === 'PLANNING';
      return cancelled !== null && isOpen ? run.cancel(cancelled) : run;
    });

/** Several runs. */
export const randomRuns = (count: number): fc.Arbitrary<Run[]> =>
  fc.tuple(...Array.from({ length: count }, (_, index) => randomRun(index + 1)));

/** Whose event comes next in a log of several runs: the same for the same seed. */
export const seededPick = (seed: number) => {
  let state = seed;
  return (left: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % left;
  };
};
