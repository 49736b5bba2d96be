import { z } from 'zod';
import type { JsonObject } from '../../domain/json.js';
import type { RiskLevel } from '../../domain/risk/risk-level.js';
import type { RateLimit } from '../../domain/tool/rate-limit.js';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../domain/tool/retry-policy.js';
import type { ToolEffect, ToolManifest, UndoDeclaration } from '../../domain/tool/tool-manifest.js';
import { closed } from './closed-schema.js';
import type { OutboxSlot } from './outbox.js';

/** Milliseconds a call may take where the tool says nothing. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** Calls at once in one process where the tool says nothing. */
const DEFAULT_CONCURRENCY = 16;

/** What a running call gets besides its input. */
export interface ToolContext {
  /** Names one wanted effect: the same for every attempt of a step, another for any other step. */
  readonly idempotencyKey: string;
  /** 1-based. */
  readonly attempt: number;
  /** Aborted at the time-out, on cancel and on shutdown: stop then, and say how it ended, for a moment is left to record it. */
  readonly signal: AbortSignal;
  /** Of the person whose run it is, an IANA name: their "today" and "this week" are meant. */
  readonly timeZone: string;
  /** Milliseconds since the Unix epoch. Differs between attempts: an effect must not depend on it unless its first result is kept. */
  readonly now: () => number;
  /** The place in the outbox that belongs to this call's idempotency key. */
  readonly outbox: OutboxSlot;
}

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> {
  /** snake_case, unique in the registry. */
  readonly name: string;
  /** Semantic version: change it whenever the meaning of arguments or effect changes, for it is part of what is approved. */
  readonly version: string;
  readonly description: string;
  /** Arguments, and members within them, that it does not name are refused, unless an object says itself that it is open (`z.looseObject`). */
  readonly input: Input;
  /** Members it does not name are removed from the output. */
  readonly output: Output;
  readonly riskLevel: RiskLevel;
  readonly effect: ToolEffect;
  /**
   * How a call is undone: another tool, and its arguments as a template whose references point into the `args` and the `output` of the call that is undone. Point to
   * members that every call has: one without them cannot be undone. No part of what is approved: declaring it changes no `version`.
   */
  readonly undo?: UndoDeclaration;
  /**
   * How a call reads for a person who is to decide about it, as a sentence without its full stop: `Send an e-mail to {/recipient}[: {/subject}]`. `{/json/pointer}` stands for an
   * argument; what is in brackets is left out where an argument in it is missing. No part of what is approved: another one changes no `version`.
   */
  readonly summary?: string;
  /** JSON Pointers to the arguments that matter most to that person, in order. */
  readonly shows?: readonly string[];
  /** Milliseconds, from the start of the run; 30,000 by default. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Calls at once in one process; 16 by default. */
  readonly concurrency?: number;
  /** Calls that begin in one process; as often as they come where it is absent. */
  readonly rate?: RateLimit;
  /** @throws ToolFailure to say how it failed; anything else it throws is a retryable `tool.failed` */
  readonly run: (input: z.output<Input>, context: ToolContext) => z.input<Output> | Promise<z.input<Output>>;
}

/** A tool as the registry holds it: `run` takes what `input` has parsed. */
export interface Tool {
  readonly manifest: ToolManifest;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly run: (input: unknown, context: ToolContext) => unknown;
}

/**
 * Two closed objects in an `allOf` are a JSON Schema that nothing satisfies, for each refuses the other's members; and plans are judged before they run by what a
 * schema says in one place.
 */
function refuseIntersection({ zodSchema }: { readonly zodSchema: z.core.$ZodTypes }): void {
  if (zodSchema._zod.def.type === 'intersection')
    throw new Error(
      'a tool takes no intersection (z.intersection, .and) in its schemas: write one object with the members of both, as .extend does',
    );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, override: refuseIntersection });
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}

/**
 * Makes a tool of its definition.
 * @throws Error when a schema has no JSON Schema (dates, transforms, …), or is or holds an intersection: a mistake in the definition
 */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodType>(definition: ToolDefinition<Input, Output>): Tool {
  const { name, version, description, riskLevel, effect, timeoutMs, retry, concurrency, rate, undo, summary, shows, output, run } =
    definition;
  const input = closed(definition.input);
  return {
    manifest: {
      name,
      version,
      description,
      riskLevel,
      effect,
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      retry: { ...DEFAULT_RETRY_POLICY, ...retry },
      concurrency: concurrency ?? DEFAULT_CONCURRENCY,
      ...(rate && { rate }),
      inputSchema: jsonSchema(input, 'input'),
      outputSchema: jsonSchema(output, 'output'),
      ...(undo && { undo }),
      ...(summary !== undefined && { summary }),
      ...(shows && { shows }),
    },
    input,
    output,
    run: (parsed, context) => run(parsed as z.output<Input>, context),
  };
}
