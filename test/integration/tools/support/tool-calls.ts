import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ToolCall, ToolOutcome, Tools } from '../../../../src/application/ports/tools.js';
import type { JsonObject } from '../../../../src/domain/json.js';

/** Tuesday, 10 March 2026, 09:00 UTC. */
export const TUESDAY_MORNING = Date.UTC(2026, 2, 10, 9);

/** A clock that stands still until it is set. */
export class SetClock {
  constructor(public time = TUESDAY_MORNING) {}
  now(): number {
    return this.time;
  }
}

export const temporaryFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'lifeos-tools-'));
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

let keys = 0;

/** A call with a key of its own, unless `more` says otherwise. */
export const toolCall = (tool: string, args: JsonObject, more: Partial<ToolCall> = {}): ToolCall => ({
  tool,
  args,
  timeZone: 'UTC',
  idempotencyKey: `workflow-1/step-${++keys}`,
  attempt: 1,
  signal: new AbortController().signal,
  ...more,
});

/** The output of a call that succeeds. */
export async function outputOf<T>(tools: Tools, tool: string, args: JsonObject, more: Partial<ToolCall> = {}): Promise<T> {
  const outcome = await tools.call(toolCall(tool, args, more));
  if (outcome.kind === 'failure') throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.output as T;
}

export const failureOf = (outcome: ToolOutcome): { code: string; message: string; retryable: boolean } => {
  if (outcome.kind === 'success') throw new Error(`succeeded with ${JSON.stringify(outcome.output)}`);
  return outcome.error;
};

/** Files below a folder, relative to it, with `/` between names. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/** A promise and the function that settles it. */
export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
