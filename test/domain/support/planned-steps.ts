import type { PlannedStep } from '../../../src/domain/plan/plan.js';

/** A step of a validated plan: `s<id>`, safe, three attempts without jitter, unless told otherwise. */
export const plannedStep = (stepId: number, change: Partial<PlannedStep> = {}): PlannedStep => ({
  stepId,
  key: `s${stepId}`,
  name: `Step ${stepId}`,
  tool: 'echo',
  toolVersion: '1.0.0',
  args: { text: `of ${stepId}` },
  dependsOn: [],
  riskLevel: 'L0',
  effect: 'idempotent',
  timeoutMs: 1_000,
  retry: { maxAttempts: 3, initialDelayMs: 1_000, multiplier: 2, maxDelayMs: 60_000, jitter: 0 },
  ...change,
});

/** Steps 1 to n, each after the one before it. */
export const chain = (length: number, change: Partial<PlannedStep> = {}): readonly PlannedStep[] =>
  Array.from({ length }, (_, index) => plannedStep(index + 1, { dependsOn: index === 0 ? [] : [`s${index}`], ...change }));
