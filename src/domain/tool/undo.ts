import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { checkLiterals, checkReference, findReferences, resolveArguments, type Resolution } from '../plan/data-flow.js';
import type { ToolManifest } from './tool-manifest.js';

/** What references of an undo may point into. */
type CallPart = 'args' | 'output';

const NAMES: Readonly<Record<CallPart, string>> = { args: 'what the call was given', output: 'the output of the call' };
const isCallPart = (key: string): key is CallPart => Object.hasOwn(NAMES, key);
const nameOf = (key: string): string => (isCallPart(key) ? NAMES[key] : `"${key}"`);

/** Whether what a call of the tool did stays done. */
export const isIrreversible = ({ effect, undo }: Pick<ToolManifest, 'effect' | 'undo'>): boolean =>
  effect !== 'read-only' && undo === undefined;

/** The complete arguments of the call that undoes a call with these arguments and this output; or, in words, why there is none. */
export function undoOf({ name, undo }: Pick<ToolManifest, 'name' | 'undo'>, args: JsonObject, output: Json): Resolution {
  if (!undo) return { kind: 'unresolvable', reason: `"${name}" declares no undo` };
  const parts: Readonly<Record<CallPart, Json>> = { args, output };
  const resolution = resolveArguments(undo.args, (key) => (isCallPart(key) ? parts[key] : undefined), nameOf);
  // The template may be one reference, to what turns out to be no object.
  if (resolution.kind === 'resolved' && !isJsonObject(resolution.args))
    return { kind: 'unresolvable', reason: 'what it gives is no object of arguments' };
  return resolution;
}

/** Why the undo that a tool declares can never work, in words that name the place; nothing where it may, or where none is declared. */
export function undoProblem(tool: ToolManifest, manifestOf: (name: string) => ToolManifest | undefined): string | undefined {
  const { undo } = tool;
  if (!undo) return undefined;
  if (tool.effect === 'read-only') return 'a read-only tool has no effect to undo';
  if (undo.tool === tool.name) return 'a tool cannot undo itself';
  const undoing = manifestOf(undo.tool);
  if (!undoing) return `there is no tool "${undo.tool}"`;
  const { references, malformed } = findReferences(undo.args);
  if (malformed[0] !== undefined) return malformed[0];
  const schemas: Readonly<Record<CallPart, JsonObject>> = { args: tool.inputSchema, output: tool.outputSchema };
  for (const reference of references) {
    const { from, place } = reference;
    const problem = isCallPart(from)
      ? checkReference(reference, schemas[from], undoing.inputSchema, nameOf)
      : `a reference is to "args" or "output", not to "${from}"`;
    if (problem !== undefined) return `${place || '/'}: ${problem}`;
  }
  return checkLiterals(undo.args, undoing.inputSchema)[0];
}
