import type { Plan } from '../../domain/plan/plan.js';

/** A planner's answer: a plan, or why there is none (a sentence that says what could be planned instead). */
export type PlanningResult =
  { readonly kind: 'plan'; readonly plan: Plan } | { readonly kind: 'no-plan'; readonly code: string; readonly reason: string };

/** An intent, and what its words about time refer to. */
export interface PlanningRequest {
  readonly intent: string;
  /** Of the person who stated it: an IANA name. */
  readonly timeZone: string;
  /** When they did: ISO 8601, UTC. */
  readonly submittedAt: string;
}

/** Turns an intent into a plan. May take its time and may fail: the caller repeats. */
export interface Planner {
  readonly name: string;
  plan(request: PlanningRequest): Promise<PlanningResult>;
}

export const PLANNER = Symbol('Planner');
