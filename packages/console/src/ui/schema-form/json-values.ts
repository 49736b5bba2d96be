import { isObject } from '../json-text';

export type Place = readonly string[];

/** Where arguments take a part of another step's output (`{"$from": "step key", "path": "/…"}`): a form has no field for that. */
export function referencesIn(value: unknown, place: Place = []): readonly Place[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, [...place, String(index)]));
  if (!isObject(value)) return [];
  if (Object.hasOwn(value, '$from')) return [place];
  return Object.entries(value).flatMap(([key, member]) => referencesIn(member, [...place, key]));
}

/** A schema may hold itself. */
const MOST_DEEP = 8;

/** The member of an object that is its own; `__proto__` and the like of a prototype are none. */
const own = (value: unknown, key: string): unknown =>
  (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;

/** The part of a schema that a reference within the same document (`#/$defs/…`) means. */
export function withinDocument(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  const tokens = reference.slice(1).split('/').slice(1);
  return tokens.reduce<unknown>((at, token) => own(at, decodedToken(token)), root);
}

export function decodedToken(token: string): string {
  const unescaped = token.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(unescaped);
  } catch {
    return unescaped;
  }
}

/** What a new value begins with: only what a person would have no choice about, and a "no" where an empty box would be shown. */
export function blankOf(schema: unknown, root: unknown = schema, depth = 0): unknown {
  if (!isObject(schema) || depth > MOST_DEEP) return undefined;
  if (typeof schema['$ref'] === 'string') return blankOf(withinDocument(schema['$ref'], root), root, depth + 1);
  if ('const' in schema) return schema['const'];
  if ('default' in schema) return schema['default'];
  if (schema['type'] === 'boolean') return false;
  if (schema['type'] === 'array') return [];
  if (schema['type'] !== 'object') return undefined;
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : [];
  const members = Object.entries(isObject(schema['properties']) ? schema['properties'] : {})
    .filter(([key]) => required.includes(key))
    .map(([key, member]) => [key, blankOf(member, root, depth + 1)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(members);
}

/** The text of a value. What a form has no value for yet is `null` in a list, and no member of an object. */
export const textOf = (value: unknown): string => JSON.stringify(value ?? null, null, 2);

/** As people read a place: `job › salary › min`. */
export const placeWords = (place: Place): string =>
  place.map((token) => (/^\d+$/.test(token) ? String(Number(token) + 1) : token)).join(' › ');
