import type { Json, JsonObject } from '../../domain/json.js';
import type { StepError } from '../../domain/workflow/events/workflow-events.js';
import type { ToolManifest } from '../../domain/tool/tool-manifest.js';

export interface ToolCall {
  readonly tool: string;
  /** Where it runs, entered before the attempt was recorded as running. Without one the call waits for a place by itself. */
  readonly place?: ToolPlace;
  readonly args: JsonObject;
  /** Of the person whose run it is: an IANA name. */
  readonly timeZone: string;
  /** The same for every attempt of one step of one run; other steps and runs have others. */
  readonly idempotencyKey: string;
  /** 1-based. */
  readonly attempt: number;
  /** Aborted at the tool's time-out, on cancel and on shutdown. */
  readonly signal: AbortSignal;
}

/** A place among the calls that a tool takes at once. A call gives it back when the tool has ended, also where that is long after its time was up. */
export interface ToolPlace {
  /** Gives back a place in which nothing was called. */
  leave(): void;
}

/** How a call ended. A tool's failure is a value, never an exception. */
export type ToolOutcome = { readonly kind: 'success'; readonly output: Json } | { readonly kind: 'failure'; readonly error: StepError };

export type CheckedOutput = { readonly kind: 'output'; readonly output: Json } | { readonly kind: 'invalid'; readonly problem: string };

/** The tools there are. */
export interface Tools {
  manifests(): readonly ToolManifest[];
  manifest(name: string): ToolManifest | undefined;
  /** Checks complete arguments (no references) against the tool's input schema; answers what is wrong with them, a sentence naming the field, or nothing. */
  checkArgs(tool: string, args: JsonObject): string | undefined;
  /** Checks an output that a person gives in a tool's place against the tool's output schema; answers what would be recorded of it, or what is wrong with it. Of a tool
   * that is not there anything is taken. */
  checkOutput(tool: string, output: Json): CheckedOutput;
  /** A place of the tool, at once; undefined where that would take waiting, or there is no such tool. */
  tryEnter(tool: string): ToolPlace | undefined;
  /** Calls back whenever a tool has a place again that was taken. */
  onPlaceFree(listener: () => void): void;
  /**
   * Calls a tool and answers with its outcome, never later than its time-out: a tool that throws, hangs or returns what its output schema refuses
   * gives a failure. Never rejects.
   */
  call(call: ToolCall): Promise<ToolOutcome>;
}

export const TOOLS = Symbol('Tools');
