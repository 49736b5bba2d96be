/** How failed attempts of a step are repeated. Delays are milliseconds. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0 to 1: 0.5 gives 50 % to 100 % of the computed delay. */
  readonly jitter: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { maxAttempts: 3, initialDelayMs: 500, multiplier: 2, maxDelayMs: 30_000, jitter: 0.5 };

/**
 * Delay before the attempt that follows `failedAttempt` (1-based), in whole milliseconds.
 * `random` is a number in [0, 1), drawn by the caller: the domain has no randomness of its own.
 */
export function retryDelayMs(policy: RetryPolicy, failedAttempt: number, random: number): number {
  // Zero stays zero, however far the power overflows.
  const full =
    policy.initialDelayMs === 0 ? 0 : Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.multiplier ** (failedAttempt - 1));
  return Math.round(full * (1 - policy.jitter * random));
}
