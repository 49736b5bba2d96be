import fc from 'fast-check';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { APPROVAL_THRESHOLDS, type ApprovalThreshold } from '../../../src/domain/risk/approval-policy.js';
import { isFinalEventType } from '../../../src/domain/workflow/events/workflow-events.js';
import { evolveAll } from '../../../src/domain/workflow/evolve.js';
import { FAILURE_POLICIES, type FailurePolicy } from '../../../src/domain/workflow/lifecycle.js';
import { initialWorkflow } from '../../../src/domain/workflow/workflow.state.js';
import { checkHistory } from '../support/history-checker.js';
import { RandomRun, type Choice, type Fate } from '../support/random-run.js';
import { randomPlan } from '../support/random-plans.js';
import { WORKFLOW_ID } from '../support/scenario.js';

const policy = fc.constantFrom(...FAILURE_POLICIES);
const threshold = fc.constantFrom(...APPROVAL_THRESHOLDS);
const choices = fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(1_000)), { maxLength: 150, size: 'max' });

/** Written apart from the engine's own policy. */
const mustBeApproved =
  (approvalFrom: ApprovalThreshold) =>
  ({ riskLevel }: PlannedStep): boolean =>
    riskLevel === 'L3' || (riskLevel === 'L2' && approvalFrom === 'L2');

const randomFate = fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }).map((dice): Fate => {
  const die = (stepId: number, more: number): number => dice[(stepId * 3 + more) % dice.length]!;
  return {
    outcome: (stepId, attempt) => (['fails', 'fails', 'is hopeless'] as const)[die(stepId, attempt)] ?? 'succeeds',
    approves: (stepId) => die(stepId, 0) > 1,
  };
});

const kindly: Fate = { outcome: () => 'succeeds', approves: () => true };

const runOf = (
  steps: readonly PlannedStep[],
  approvalFrom: ApprovalThreshold,
  taken: readonly Choice[],
  onFailure?: FailurePolicy,
): RandomRun => {
  const run = new RandomRun(steps, approvalFrom, onFailure);
  taken.forEach((choice) => run.act(choice));
  return run;
};

describe('a run under any sequence of commands', () => {
  it('invariants 8, 10, 11, 12, 14, 15, 16, 21, 23, 26: keeps to the plan, the policy and the decisions of people', () => {
    fc.assert(
      fc.property(randomPlan, threshold, choices, policy, (steps, approvalFrom, taken, onFailure) => {
        const run = runOf(steps, approvalFrom, taken, onFailure);
        checkHistory(steps, mustBeApproved(approvalFrom), run.history);
        run.settle(kindly);
        checkHistory(steps, mustBeApproved(approvalFrom), run.history);
      }),
      { numRuns: 400 },
    );
  });

  it('invariant 13: ends, or waits for a dead letter alone', () => {
    fc.assert(
      fc.property(randomPlan, threshold, choices, randomFate, policy, (steps, approvalFrom, taken, fate, onFailure) => {
        const run = runOf(steps, approvalFrom, taken, onFailure);
        run.settle(fate);
        const { deadLettered, ended } = checkHistory(steps, mustBeApproved(approvalFrom), run.history);
        expect(ended).toBe(run.ended);
        expect(run.history.filter(({ type }) => isFinalEventType(type))).toHaveLength(ended ? 1 : 0);
        if (onFailure !== 'wait') expect(ended).toBe(true);
        if (!ended) {
          expect(deadLettered.size).toBeGreaterThan(0);
          const open = [...run.state.steps].filter(({ state }) => !['SUCCEEDED', 'SKIPPED'].includes(state));
          const openKeys = new Set(open.map(({ plan }) => plan.key));
          for (const step of open) expect(step.deadLetteredAt !== null || step.plan.dependsOn.some((key) => openKeys.has(key))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has the state that a fold of its events gives, however often and from whichever point it is folded', () => {
    fc.assert(
      fc.property(randomPlan, threshold, choices, fc.nat(200), (steps, approvalFrom, taken, cut) => {
        const { history, state } = runOf(steps, approvalFrom, taken);
        const snapshot = evolveAll(initialWorkflow(WORKFLOW_ID), history.slice(0, cut));
        expect(evolveAll(initialWorkflow(WORKFLOW_ID), history)).toEqual(state);
        expect(evolveAll(snapshot, history.slice(cut))).toEqual(state);
        // The snapshot is still what it was: folding on from it has changed nothing in it.
        expect(snapshot).toEqual(evolveAll(initialWorkflow(WORKFLOW_ID), history.slice(0, cut)));
        expect(evolveAll(initialWorkflow(WORKFLOW_ID), JSON.parse(JSON.stringify(history)) as typeof history)).toEqual(state);
      }),
      { numRuns: 150 },
    );
  });

  it('comes to the same end in whichever order its steps are carried out', () => {
    const endOf = (run: RandomRun): unknown => [run.state.state, [...run.state.steps].map(({ state, output }) => [state, output])];
    fc.assert(
      fc.property(
        randomPlan,
        threshold,
        randomFate,
        fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }),
        (steps, from, fate, ranks) => {
          const [one, other] = [new RandomRun(steps, from), new RandomRun(steps, from)];
          one.settle(fate);
          other.settle(fate, (ids) => ids.toSorted((a, b) => ranks[a % 12]! - ranks[b % 12]!));
          expect(endOf(other)).toEqual(endOf(one));
        },
      ),
      { numRuns: 200 },
    );
  });
});
