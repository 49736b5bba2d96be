import { isJsonObject, type Json } from '../../domain/json.js';

/** One place that changed between two JSON values. `before` or `after` is undefined where the place did not exist. */
export interface Difference {
  /** The place in words of keys and indices, e.g. `steps[2].state`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

const members = (value: Json): ReadonlyMap<string, Json> | undefined => {
  if (Array.isArray(value)) return new Map((value as readonly Json[]).map((item, index) => [`[${index}]`, item]));
  return isJsonObject(value) ? new Map(Object.entries(value)) : undefined;
};

const join = (path: string, key: string): string => (path === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`);

/** What differs between two JSON values, place by place, in the order of the later one. */
export function* differences(before: Json | undefined, after: Json | undefined, path = ''): Generator<Difference> {
  if (before === after) return;
  const left = before === undefined ? undefined : members(before);
  const right = after === undefined ? undefined : members(after);
  // A list that became an object, or the reverse, changed as a whole: their places have nothing to do with each other.
  if (!left || !right || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
    return;
  }
  for (const key of new Set([...right.keys(), ...left.keys()])) yield* differences(left.get(key), right.get(key), join(path, key));
}
