import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { ARRAY_INDEX, memberSchema, mismatch, pointerToken, pointerTokens, schemaAt, typeOf } from './json-schema.js';

/** A place in a step's arguments that is filled from the output of an earlier step: `{"$from": "<step key>", "path": "<JSON Pointer>"}`. */
export interface OutputReference {
  /** Key of the step whose output is meant. */
  readonly from: string;
  /** JSON Pointer into that output; empty for all of it. */
  readonly path: string;
  /** JSON Pointer to the reference within the arguments. */
  readonly place: string;
}

const isReference = (value: Json): value is JsonObject => isJsonObject(value) && '$from' in value;

/** All references in the arguments, in order; and, in words, what is wrong with those that are malformed. */
export function findReferences(args: JsonObject): {
  readonly references: readonly OutputReference[];
  readonly malformed: readonly string[];
} {
  const references: OutputReference[] = [];
  const malformed: string[] = [];
  const visit = (value: Json, place: string): void => {
    if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((item, index) => visit(item, `${place}/${index}`));
    } else if (isReference(value)) {
      const { $from: from, path = '', ...rest } = value;
      if (typeof from !== 'string' || typeof path !== 'string' || Object.keys(rest).length > 0) {
        malformed.push(`${place || '/'}: a reference is {"$from": "step key", "path": "/json/pointer"}`);
      } else if (!pointerTokens(path)) {
        malformed.push(`${place || '/'}: "${path}" is not a JSON Pointer (it starts with "/")`);
      } else {
        references.push({ from, path, place });
      }
    } else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) visit(member, `${place}/${pointerToken(key)}`);
    }
  };
  visit(args, '');
  return { references, malformed };
}

/** The arguments with the step keys of their references renamed; nothing else of them changes. */
export function renameReferences(args: JsonObject, rename: (key: string) => string): JsonObject {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(visit);
    if (isReference(value)) return typeof value['$from'] === 'string' ? { ...value, $from: rename(value['$from']) } : value;
    return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, visit(member)])) : value;
  };
  return visit(args) as JsonObject;
}

/** What people call the thing that references with a key point into. */
type Naming = (key: string) => string;
const outputOfStep: Naming = (key) => `the output of "${key}"`;

/** Why a reference can never work, in words, from the schemas of both tools; nothing where it may. */
export function checkReference(
  reference: OutputReference,
  output: JsonObject,
  input: JsonObject,
  nameOf: Naming = outputOfStep,
): string | undefined {
  const given = schemaAt(output, pointerTokens(reference.path) ?? []);
  if (!given) return `${nameOf(reference.from)} has no "${reference.path}"`;
  const wanted = schemaAt(input, pointerTokens(reference.place) ?? []);
  if (!wanted) return `the tool takes no argument "${reference.place}"`;
  const reason = mismatch(given, wanted);
  return reason && `"${reference.path}" of "${reference.from}" does not fit: ${reason}`;
}

/**
 * Checks the literal parts of arguments that hold references against a tool's input schema: required and unknown members, and types. Complete arguments are
 * checked by the tool itself. Answers with sentences that name the place.
 */
export function checkLiterals(args: JsonObject, input: JsonObject): readonly string[] {
  const problems: string[] = [];
  const visit = (value: Json, schema: JsonObject, place: string): void => {
    if (isReference(value)) return;
    const reason = mismatch({ type: typeOf(value) }, schema);
    if (reason) {
      problems.push(`${place || '/'}: ${reason}`);
    } else if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((item, index) => visit(item, memberSchema(schema, String(index)) ?? {}, `${place}/${index}`));
    } else if (isJsonObject(value)) {
      const required = Array.isArray(schema['required']) ? (schema['required'] as readonly string[]) : [];
      for (const name of required) if (!Object.hasOwn(value, name)) problems.push(`${place}/${pointerToken(name)}: is required`);
      for (const [name, member] of Object.entries(value)) {
        const expected = memberSchema(schema, name);
        if (expected) visit(member, expected, `${place}/${pointerToken(name)}`);
        else problems.push(`${place}/${pointerToken(name)}: is not an argument of the tool`);
      }
    }
  };
  visit(args, input, '');
  return problems;
}

/** The part of a value at a path; undefined where it has none. */
export function valueAt(value: Json, tokens: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const token of tokens) {
    if (Array.isArray(at)) at = ARRAY_INDEX.test(token) ? (at as readonly Json[])[Number(token)] : undefined;
    else if (isJsonObject(at) && Object.hasOwn(at, token)) at = at[token];
    else return undefined;
  }
  return at;
}

export type Resolution =
  { readonly kind: 'resolved'; readonly args: JsonObject } | { readonly kind: 'unresolvable'; readonly reason: string };

/** Puts outputs in the places of the references. `outputOf` gives the output of a succeeded step by its key. */
export function resolveArguments(args: JsonObject, outputOf: (key: string) => Json | undefined, nameOf: Naming = outputOfStep): Resolution {
  let missing: string | undefined;
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(resolve);
    if (isReference(value)) {
      const path = typeof value['path'] === 'string' ? value['path'] : '';
      const from = value['$from'] as string;
      const output = outputOf(from);
      const found = output === undefined ? undefined : valueAt(output, pointerTokens(path) ?? []);
      if (found === undefined) missing ??= `${nameOf(from)} has nothing at "${path}"`;
      return found ?? null;
    }
    if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolve(member)]));
    return value;
  };
  const resolved = resolve(args) as JsonObject;
  return missing === undefined ? { kind: 'resolved', args: resolved } : { kind: 'unresolvable', reason: missing };
}
