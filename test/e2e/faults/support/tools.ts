import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ToolManifest } from '../../../../src/domain/tool/tool-manifest.js';
import { defineTool, type Tool, type ToolContext } from '../../../../src/infrastructure/tools/tool.js';
import { trueNow } from './true-time.js';

/** What a tool leaves of a call, and of what it did: files, for the process may be killed at any time. */
export interface Trace {
  readonly kind: 'calls' | 'effects';
  readonly tool: string;
  readonly text: string;
  readonly key: string;
  readonly attempt: number;
  readonly pid: number;
  /** Milliseconds since the Unix epoch, as they truly are. */
  readonly at: number;
}

/** The environment variable with the folder of the traces. */
export const TRACES = 'FAULTS_TRACES';

function leave(kind: Trace['kind'], tool: string, text: string, { idempotencyKey: key, attempt }: ToolContext): void {
  const folder = path.join(process.env[TRACES]!, kind);
  mkdirSync(folder, { recursive: true });
  const name = randomUUID();
  const trace: Trace = { kind, tool, text, key, attempt, pid: process.pid, at: trueNow() };
  // Whole or not at all.
  writeFileSync(path.join(folder, `.${name}`), JSON.stringify(trace));
  renameSync(path.join(folder, `.${name}`), path.join(folder, `${name}.json`));
}

/** Of what is published the first attempts may fail, to be tried again later. */
const input = z.object({ text: z.string(), ms: z.int().min(0).max(20_000), fails: z.int().min(0).max(2).default(0) });
const output = z.object({ text: z.string(), attempt: z.int() });
const common = {
  version: '1.0.0',
  description: 'Takes as long as it is told to.',
  input,
  output,
  concurrency: 50,
  retry: { maxAttempts: 3, initialDelayMs: 300, maxDelayMs: 1_000 },
} as const;

const look = defineTool({
  ...common,
  name: 'slow_look',
  riskLevel: 'L0',
  effect: 'read-only',
  run: async ({ text, ms }, context) => {
    leave('calls', 'slow_look', text, context);
    await delay(ms, undefined, { signal: context.signal });
    return { text, attempt: context.attempt };
  },
});

/** Larger than the files that a process may write whose disk is said to be full, which traces are not. */
const MORE = 'more '.repeat(2_000);

const publishing = (name: string, riskLevel: 'L1' | 'L3'): Tool =>
  defineTool({
    ...common,
    name,
    riskLevel,
    effect: 'idempotent',
    run: async ({ text, ms, fails }, context) => {
      leave('calls', name, text, context);
      await delay(ms, undefined, { signal: context.signal });
      if (context.attempt <= fails) throw new Error(`attempt ${context.attempt} of ${fails} that fail`);
      await context.outbox.publishOnce('faults', () => ({ files: { 'what.txt': text, 'more.txt': MORE }, output: { text } }));
      return { text, attempt: context.attempt };
    },
  });

const send = defineTool({
  ...common,
  name: 'slow_send',
  riskLevel: 'L1',
  effect: 'non-idempotent',
  run: async ({ text, ms }, context) => {
    leave('calls', 'slow_send', text, context);
    await delay(ms / 2, undefined, { signal: context.signal });
    leave('effects', 'slow_send', text, context);
    await delay(ms / 2, undefined, { signal: context.signal });
    return { text, attempt: context.attempt };
  },
});

export const FAULT_TOOLS: readonly Tool[] = [look, publishing('slow_put', 'L1'), send, publishing('slow_sign', 'L3')];

export const MANIFESTS: ReadonlyMap<string, ToolManifest> = new Map(FAULT_TOOLS.map(({ manifest }) => [manifest.name, manifest]));
