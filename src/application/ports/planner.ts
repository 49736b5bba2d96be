import type { Plan } from '../../domain/plan/plan.js';

/** A planner's answer: a plan, or why there is none (a sentence that says what could be planned instead). */
export type PlanningResult =
  { readonly kind: 'plan'; readonly plan: Plan } | { readonly kind: 'no-plan'; readonly code: string; readonly reason: string };

/** Turns an intent into a plan. May take its time and may fail: the caller repeats. */
export interface Planner {
  readonly name: string;
  plan(intent: string): Promise<PlanningResult>;
}

export const PLANNER = Symbol('Planner');
