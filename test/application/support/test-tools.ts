import { z } from 'zod';
import type { UndoDeclaration } from '../../../src/domain/tool/tool-manifest.js';
import type { RateLimit } from '../../../src/domain/tool/rate-limit.js';
import type { Tools } from '../../../src/application/ports/tools.js';
import { systemClock } from '../../../src/infrastructure/system/system-clock.js';
import type { Outbox } from '../../../src/infrastructure/tools/outbox.js';
import { ToolRegistry } from '../../../src/infrastructure/tools/tool-registry.js';
import { defineTool, type Tool, type ToolContext } from '../../../src/infrastructure/tools/tool.js';

export type Act = (text: string, context: ToolContext) => unknown;

export interface TestToolOptions {
  readonly effect?: 'read-only' | 'idempotent' | 'non-idempotent';
  readonly riskLevel?: 'L0' | 'L1' | 'L2' | 'L3';
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly rate?: RateLimit;
  readonly maxAttempts?: number;
  readonly version?: string;
  readonly undo?: UndoDeclaration;
  readonly summary?: string;
  readonly shows?: readonly string[];
}

/** A tool that takes a `text` and does what the test says. What it answers goes through the registry's checks like any other tool's output. */
export function testTool(name: string, act: Act, options: TestToolOptions = {}): Tool {
  const { effect = 'idempotent', riskLevel = 'L0', maxAttempts = 2, version = '1.0.0', ...limits } = options;
  return defineTool({
    name,
    version,
    description: 'Does what a test says.',
    riskLevel,
    effect,
    retry: { maxAttempts, initialDelayMs: 1, jitter: 0 },
    input: z.object({ text: z.string() }),
    output: z.looseObject({ text: z.string() }),
    run: (input, context) => act(input.text, context) as { text: string },
    ...limits,
  });
}

/** The tools, in a registry without an outbox. */
export const toolsOf = (...tools: readonly Tool[]): Tools =>
  new ToolRegistry(tools, { clock: systemClock, outbox: { slot: () => undefined } as unknown as Outbox });

/** Answers with the text that it was given. */
export const echo = (options?: TestToolOptions): Tool => testTool('echo', (text) => ({ text }), options);
