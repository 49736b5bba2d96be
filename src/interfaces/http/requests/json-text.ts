import type { FieldError } from '../problems/problem.js';

/** Deepest nesting of a body. Folding, hashing and storing a value recurse into it. */
export const MAX_JSON_DEPTH = 64;

/** An element of a JSON Pointer. */
const escaped = (segment: PropertyKey): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1');

export const pointerTo = (path: readonly PropertyKey[]): string => path.map((segment) => `/${escaped(segment)}`).join('');

/** Text that no store can keep as it is: PostgreSQL knows no U+0000, and half a surrogate pair is no character. */
const unstorable = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text);

/** Why a text cannot be taken, or nothing. */
export const textProblem = (text: string): string | undefined =>
  unstorable(text) ? 'contains U+0000 or half of a surrogate pair' : undefined;

function ownProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return textProblem(value);
  // JSON.parse reads 1e999 as Infinity, which is no JSON value any more.
  return typeof value === 'number' && !Number.isFinite(value) ? 'is a number out of range' : undefined;
}

/** The place and the kind of the first thing that is wrong, found on the way back from it. */
interface Found {
  readonly path: PropertyKey[];
  readonly message: string;
}

function find(value: unknown, depth: number): Found | undefined {
  const own = ownProblem(value);
  if (own !== undefined) return { path: [], message: own };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_JSON_DEPTH) return { path: [], message: `is nested deeper than ${MAX_JSON_DEPTH} levels` };
  const visit = (key: PropertyKey, member: unknown): Found | undefined => {
    const found = find(member, depth + 1);
    found?.path.push(key);
    return found;
  };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = visit(index, value[index]);
      if (found) return found;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return { path: [], message: 'has a member named "__proto__"' };
    const wrongKey = textProblem(key);
    const found =
      wrongKey === undefined ? visit(key, (value as Record<string, unknown>)[key]) : { path: [], message: `has a name that ${wrongKey}` };
    if (found) return found;
  }
  return undefined;
}

/** The first thing in a parsed body that the engine could not handle safely wherever it may stand, or nothing. Goes no deeper than it allows. */
export function jsonProblem(root: unknown): FieldError | undefined {
  const found = find(root, 1);
  return found && { field: pointerTo(found.path.reverse()), message: found.message };
}
