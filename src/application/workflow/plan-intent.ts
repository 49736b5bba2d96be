import type { PlannedStep } from '../../domain/plan/plan.js';
import { validatePlan } from '../../domain/plan/validate-plan.js';
import { DomainError, type DomainErrorCode } from '../../domain/workflow/workflow.errors.js';
import type { Planner, PlanningRequest } from '../ports/planner.js';
import type { Tools } from '../ports/tools.js';

/** What became of an intent: steps that can run, or why there are none. */
export type PlannedIntent =
  | { readonly kind: 'planned'; readonly steps: readonly PlannedStep[] }
  /** The planner makes no plan of it. */
  | { readonly kind: 'no-plan'; readonly code: string; readonly reason: string }
  /** The planner makes a plan that validation refuses. */
  | { readonly kind: 'invalid-plan'; readonly code: DomainErrorCode; readonly reason: string };

/** Asks the planner for a plan and checks what it answers. */
export async function planIntent(planner: Planner, tools: Tools, request: PlanningRequest): Promise<PlannedIntent> {
  const result = await planner.plan(request);
  if (result.kind === 'no-plan') return result;
  try {
    return { kind: 'planned', steps: validatePlan(result.plan, tools) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { kind: 'invalid-plan', code: error.code, reason: `The planner made a plan that cannot run: ${error.message}` };
  }
}
