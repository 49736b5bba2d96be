import type { JsonObject } from '../json.js';
import type { RiskLevel } from '../risk/risk-level.js';
import type { RateLimit } from './rate-limit.js';
import type { RetryPolicy } from './retry-policy.js';

/**
 * What a second call with the same idempotency key does: nothing at all to the world (`read-only`), nothing more than the first
 * (`idempotent`), or possibly a second effect (`non-idempotent`: never repeated by the engine when an outcome is unknown).
 */
export type ToolEffect = 'read-only' | 'idempotent' | 'non-idempotent';

/** The call that undoes a call of the tool that declares it. */
export interface UndoDeclaration {
  /** Name of the tool that is called. */
  readonly tool: string;
  /** Its arguments; `{"$from": "args" | "output", "path": "<JSON Pointer>"}` in them stands for a part of the arguments or the output of the call that is undone. */
  readonly args: JsonObject;
}

/** What the engine knows of a tool without calling it. Schemas are JSON Schema (2020-12), made from the tool's zod schemas. */
export interface ToolManifest {
  /** snake_case, unique in the registry. */
  readonly name: string;
  /** Semantic version; part of what is approved. */
  readonly version: string;
  readonly description: string;
  readonly riskLevel: RiskLevel;
  readonly effect: ToolEffect;
  /** A call that takes longer fails its attempt, in milliseconds. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** Calls at once in one process. */
  readonly concurrency: number;
  /** Calls that begin in one process; absent: as often as they come. */
  readonly rate?: RateLimit;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject;
  /** How a call that succeeded is undone; without it, what a tool with an effect did stays done. */
  readonly undo?: UndoDeclaration;
  /** How a call reads for a person: see `summaryOf`. */
  readonly summary?: string;
  /** JSON Pointers to the arguments that matter most to a person, in order. */
  readonly shows?: readonly string[];
}
