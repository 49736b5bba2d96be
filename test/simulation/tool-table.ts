import type { RateLimit } from '../../src/domain/tool/rate-limit.js';
import type { RiskLevel } from '../../src/domain/risk/risk-level.js';
import type { ToolEffect, ToolManifest } from '../../src/domain/tool/tool-manifest.js';

interface ToolLine {
  readonly name: string;
  readonly riskLevel: RiskLevel;
  readonly effect: ToolEffect;
  readonly maxAttempts: number;
  readonly concurrency: number;
  readonly rate?: RateLimit;
  readonly undo?: string;
}

/** The tools of every simulated engine, as they really are: the checker goes by this table, whatever a worker says of its tools. */
const LINES: readonly ToolLine[] = [
  { name: 'look', riskLevel: 'L0', effect: 'read-only', maxAttempts: 3, concurrency: 4 },
  { name: 'put', riskLevel: 'L1', effect: 'idempotent', maxAttempts: 3, concurrency: 1, undo: 'take_back' },
  { name: 'take_back', riskLevel: 'L1', effect: 'idempotent', maxAttempts: 3, concurrency: 2 },
  { name: 'send', riskLevel: 'L1', effect: 'non-idempotent', maxAttempts: 3, concurrency: 2 },
  { name: 'pay', riskLevel: 'L3', effect: 'idempotent', maxAttempts: 2, concurrency: 2 },
  { name: 'wire', riskLevel: 'L3', effect: 'non-idempotent', maxAttempts: 2, concurrency: 1 },
  { name: 'rated', riskLevel: 'L0', effect: 'idempotent', maxAttempts: 2, concurrency: 1, rate: { calls: 2, perMs: 1_000 } },
];

/** Calls take up to a few seconds, and some never end. */
export const TOOL_TIMEOUT_MS = 3_000;

const TEXT = { type: 'string' } as const;

const manifestOf = ({ name, riskLevel, effect, maxAttempts, concurrency, rate, undo }: ToolLine): ToolManifest => ({
  name,
  version: '1.0.0',
  description: 'Is simulated.',
  riskLevel,
  effect,
  timeoutMs: TOOL_TIMEOUT_MS,
  retry: { maxAttempts, initialDelayMs: 200, multiplier: 2, maxDelayMs: 2_000, jitter: 0.5 },
  concurrency,
  ...(rate && { rate }),
  inputSchema: { type: 'object', properties: { text: TEXT }, required: ['text'], additionalProperties: false },
  outputSchema: { type: 'object', properties: { text: TEXT, attempt: { type: 'integer' } }, required: ['text', 'attempt'] },
  ...(undo !== undefined && { undo: { tool: undo, args: { text: { $from: 'args', path: '/text' } } } }),
});

export const TOOL_TABLE: ReadonlyMap<string, ToolManifest> = new Map(LINES.map((line) => [line.name, manifestOf(line)]));
