import { z } from 'zod';
import type { RateLimit } from '../../domain/tool/rate-limit.js';
import type { RetryPolicy } from '../../domain/tool/retry-policy.js';
import { readJsonFile } from './json-file.js';

/** What a configuration says of a tool in place of what the tool says of itself. */
export interface ToolSetting {
  readonly timeoutMs?: number;
  /** Calls at once in one process. */
  readonly concurrency?: number;
  readonly rate?: RateLimit;
  readonly retry?: Partial<RetryPolicy>;
}

/** By the tool's name; what is said of `*` counts for every tool, but for what is said of the tool itself. */
export type ToolSettings = ReadonlyMap<string, ToolSetting>;

const DAY_MS = 24 * 60 * 60 * 1_000;
const milliseconds = z.int().min(0).max(DAY_MS);

const setting = z
  .strictObject({
    timeout_ms: z.exactOptional(z.int().min(1).max(DAY_MS)),
    concurrency: z.exactOptional(z.int().min(1).max(10_000)),
    rate: z.exactOptional(z.strictObject({ calls: z.int().min(1).max(100_000), per_ms: z.int().min(1).max(DAY_MS) })),
    retry: z.exactOptional(
      z.strictObject({
        max_attempts: z.exactOptional(z.int().min(1).max(1_000)),
        initial_delay_ms: z.exactOptional(milliseconds),
        multiplier: z.exactOptional(z.number().min(1).max(100)),
        max_delay_ms: z.exactOptional(milliseconds),
        jitter: z.exactOptional(z.number().min(0).max(1)),
      }),
    ),
  })
  .transform(({ timeout_ms: timeoutMs, concurrency, rate, retry }): ToolSetting => ({
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate && { rate: { calls: rate.calls, perMs: rate.per_ms } }),
    ...(retry && { retry: retryOf(retry) }),
  }));

interface RetryMembers {
  readonly max_attempts?: number;
  readonly initial_delay_ms?: number;
  readonly multiplier?: number;
  readonly max_delay_ms?: number;
  readonly jitter?: number;
}

const retryOf = ({ max_attempts, initial_delay_ms, multiplier, max_delay_ms, jitter }: RetryMembers): Partial<RetryPolicy> => ({
  ...(max_attempts === undefined ? {} : { maxAttempts: max_attempts }),
  ...(initial_delay_ms === undefined ? {} : { initialDelayMs: initial_delay_ms }),
  ...(multiplier === undefined ? {} : { multiplier }),
  ...(max_delay_ms === undefined ? {} : { maxDelayMs: max_delay_ms }),
  ...(jitter === undefined ? {} : { jitter }),
});

const settings = z.record(z.string().min(1), setting);

/** The settings of tools in a JSON file. @param variable what named the file @throws ConfigurationError in one line */
export const readToolSettings = (file: string, variable: string): ToolSettings =>
  new Map(Object.entries(readJsonFile(file, variable, settings)));
