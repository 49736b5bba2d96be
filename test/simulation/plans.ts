import type { PlanStep } from '../../src/domain/plan/plan.js';
import type { SubmittedPlan } from './history.js';
import type { Random } from './random.js';

const TOOLS = ['look', 'put', 'put', 'send', 'pay', 'wire', 'rated'] as const;

function stepsOf(random: Random, intent: string): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  const count = random.whole(1, 5);
  for (let index = 0; index < count; index++) {
    const dependsOn = steps.filter(() => random.chance(0.4)).map(({ key }) => key);
    const source = dependsOn.length > 0 && random.chance(0.4) ? dependsOn[0] : undefined;
    steps.push({
      key: `k${index}`,
      name: `Step ${index}`,
      tool: random.of(TOOLS),
      args: { text: source === undefined ? `${intent} k${index}` : { $from: source, path: '/text' } },
      dependsOn,
      ...(random.chance(0.1) && { riskLevel: 'L3' as const }),
      ...(source === undefined && dependsOn.length > 0 && random.chance(0.2) && { toleratesSkips: true }),
    });
  }
  return steps;
}

/** What a person wants, at random. */
export const randomPlan = (random: Random, intent: string, now: number): SubmittedPlan => ({
  intent,
  steps: stepsOf(random, intent),
  onFailure: random.of(['wait', 'wait', 'fail', 'skip'] as const),
  approvalFrom: random.of(['L2', 'L3'] as const),
  ...(random.chance(0.1) && { startAt: new Date(now + random.whole(200, 3_000)).toISOString() }),
});
