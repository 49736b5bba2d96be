import fc from 'fast-check';

import type { PlannedStep } from '../../../../src/domain/plan/plan.js';
import { RISK_LEVELS } from '../../../../src/domain/risk/risk-level.js';
import { FAILURE_POLICIES, isFinalRunState, PRIORITIES, TOOL_LACKS } from '../../../../src/domain/workflow/lifecycle.js';
import type { StepRecord } from '../../../../src/domain/workflow/workflow.state.js';
import { plannedStep, Run, START } from './run.js';

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
      tool: text.length % 3 === 0 ? 'job_search' : 'cv_tailor',
      toolVersion: text.length % 4 === 0 ? '1.2.3' : '1.3.0',
    }),
  );

const LATER = new Date(START + 600_000).toISOString();
const MUCH_LATER = new Date(START + 86_400_000).toISOString();

type Move = () => Run;

const outcomes = (run: Run, { plan: { stepId }, attempt }: StepRecord, text: string): Move[] => [
  () => run.succeed(stepId, { text }, attempt),
  () => run.fail(stepId, attempt, true, text),
  () => run.fail(stepId, attempt, false, text, `job_search.${text.length % 2 === 0 ? 'unlucky' : 'unwilling'}`),
];

/** What can happen to a step next. */
function moves(run: Run, step: StepRecord, text: string): Move[] {
  const { plan, state, attempt, approval, retryDueAt, deadLetteredAt, lacksToolSince } = step;
  const { stepId } = plan;
  const { lastStarted, refusedResults } = step;
  if (text.length === 1 && state !== 'RUNNING' && lastStarted > 0 && !refusedResults.includes(lastStarted))
    return [() => run.refuseResult(stepId, lastStarted)];
  const isRunning = run.state.state === 'RUNNING';
  if (state === 'RUNNING') return outcomes(run, step, text);
  if (run.state.state === 'CANCELLING') return [];
  if (state === 'BLOCKED' && approval?.status === 'required')
    return [() => run.approve(stepId, text), () => run.reject(stepId), () => run.remind(stepId)];
  if (lacksToolSince !== null && isRunning && text.length % 2 === 0) return [() => run.offerTool(stepId, attempt)];
  if (deadLetteredAt !== null || lacksToolSince !== null)
    return [
      () => run.tryAgain(stepId),
      () => run.tryAgain(stepId, { text }),
      () => run.skip(stepId, text),
      () => run.complete(stepId, { text }),
    ];
  if (state === 'READY' && isRunning)
    return [
      () => run.start(stepId, attempt),
      () => run.waitForTool(stepId, attempt, TOOL_LACKS[text.length % 3]),
      ...outcomes(run, step, text),
    ];
  if (state === 'FAILED' && retryDueAt !== null && isRunning) return [() => run.retry(stepId, attempt + 1)];
  return [];
}

/** What can happen to the run as a whole. */
function movesOfRun(run: Run, text: string): Move[] {
  const parking: Move[] = [
    () => run.park('advance-run', run.events.length - 1, text),
    ...(run.state.parked.length > 0 ? [() => run.settleParked('replayed'), () => run.settleParked('dropped')] : []),
  ];
  const timing: Move[] = [
    ...(run.state.startsLater ? [() => run.reachStartTime()] : []),
    ...(run.state.deadline === null ? [] : [() => run.missDeadline()]),
  ];
  if (run.state.state === 'PAUSED') return [() => run.resume(), ...parking, ...timing];
  if (run.state.state === 'CANCELLING') return [() => run.endStopping()];
  return [() => run.pause(text), ...parking, ...timing];
}

/** The first steps, as many as there are but for one at least: what they depend on comes before them. */
const reusable = (steps: readonly PlannedStep[], count: number): readonly number[] =>
  steps.slice(0, Math.min(count, steps.length - 1)).map(({ stepId }) => stepId);

/** A run with a random plan in which random things happened, not always to its end. Every event is the decider's. */
export const randomRun = (workflowId: number): fc.Arbitrary<Run> =>
  fc
    .record({
      intent: awkwardText.map((text) => `do ${text} now`),
      plan: fc.option(fc.array(rawStep, { minLength: 1, maxLength: 8 }), { freq: 12 }),
      again: fc.option(fc.nat(8), { freq: 4 }),
      times: fc.constantFrom({}, {}, {}, { startAt: LATER }, { deadline: MUCH_LATER }, { startAt: LATER, deadline: MUCH_LATER }),
      onFailure: fc.constantFrom(undefined, 'wait', ...FAILURE_POLICIES),
      choices: fc.array(fc.record({ choice: fc.nat(1_000), text: awkwardText }), { maxLength: 25 }),
      stopped: fc.option(fc.record({ after: fc.nat(25), givenUp: fc.boolean(), reason: awkwardText }), { freq: 3 }),
    })
    .map(({ intent, plan, again, times, onFailure, choices, stopped }) => {
      const run = new Run(workflowId);
      const steps = plan && planOf(plan);
      if (steps && again !== null) run.rerun(1_000_000 + workflowId, steps, reusable(steps, again));
      else run.submit(intent, workflowId % 3, onFailure, { ...times, priority: PRIORITIES[workflowId % 3]! });
      if (steps && again === null) run.plan(...steps);
      if (!steps && stopped === null) run.do('RecordPlanFailure', { code: 'plan.none', reason: intent });
      for (const [index, { choice, text }] of choices.entries()) {
        if (isFinalRunState(run.state.state!)) return late(run, text);
        if (stopped?.after === index && run.state.state !== 'CANCELLING') stop(run, stopped);
        if (isFinalRunState(run.state.state!) || run.state.state === 'PLANNING') continue;
        const ofSteps = [...run.state.steps].flatMap((step) => moves(run, step, text));
        const possible = ofSteps.length === 0 || choice % 7 === 0 ? movesOfRun(run, text) : ofSteps;
        possible[choice % possible.length]!();
      }
      const isOpen = !isFinalRunState(run.state.state!) && run.state.state !== 'CANCELLING';
      return stopped !== null && isOpen ? stop(run, stopped) : run;
    });

/** A worker may come with its result after the end. */
function late(run: Run, text: string): Run {
  const step = [...run.state.steps].find(({ lastStarted }) => lastStarted > 0);
  return step && text.length % 3 === 0 ? run.refuseResult(step.plan.stepId, step.lastStarted) : run;
}

const stop = (run: Run, { givenUp, reason }: { readonly givenUp: boolean; readonly reason: string }): Run =>
  givenUp ? run.giveUp(reason) : run.cancel(reason, reason.length % 2 === 0);

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
