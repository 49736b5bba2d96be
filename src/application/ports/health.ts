/** One thing the engine depends on. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when it is usable, with what is worth telling of it, if anything; rejects with the reason when it is not. */
  check(): Promise<string | void>;
}

/** All checks, injected as an array. */
export const HEALTH_CHECKS = Symbol('HealthChecks');
