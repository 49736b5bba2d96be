/** One thing the engine depends on. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when it is usable; rejects with the reason when it is not. */
  check(): Promise<void>;
}

/** All checks, injected as an array. */
export const HEALTH_CHECKS = Symbol('HealthChecks');
