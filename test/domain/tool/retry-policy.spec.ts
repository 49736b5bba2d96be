import fc from 'fast-check';
import { DEFAULT_RETRY_POLICY, retryDelayMs, type RetryPolicy } from '../../../src/domain/tool/retry-policy.js';

const policy = fc.record<RetryPolicy>({
  maxAttempts: fc.integer({ min: 1, max: 50 }),
  initialDelayMs: fc.nat(10_000),
  multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
  maxDelayMs: fc.nat(600_000),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the retry policy', () => {
  it('has three attempts in all unless told otherwise', () => {
    expect(DEFAULT_RETRY_POLICY.maxAttempts).toBe(3);
  });

  it('doubles the delay, half of it random, up to a limit', () => {
    expect([1, 2, 3, 20].map((attempt) => retryDelayMs(DEFAULT_RETRY_POLICY, attempt, 0))).toEqual([500, 1_000, 2_000, 30_000]);
    expect([1, 2].map((attempt) => retryDelayMs(DEFAULT_RETRY_POLICY, attempt, 0.999_999))).toEqual([250, 500]);
  });

  it('never waits longer than its limit, nor less than the jitter allows, for any policy and any attempt', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 100_000 }), random, (any, attempt, drawn) => {
        const delay = retryDelayMs(any, attempt, drawn);
        const full = retryDelayMs(any, attempt, 0);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeLessThanOrEqual(any.maxDelayMs);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - any.jitter)) - 1);
      }),
    );
  });

  it('waits at least as long after each further attempt', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 1_000 }), (any, attempt) => {
        expect(retryDelayMs(any, attempt + 1, 0)).toBeGreaterThanOrEqual(retryDelayMs(any, attempt, 0));
      }),
    );
  });
});
