import { isJsonObject, type Json, type JsonObject } from '../json.js';

/** The type words of JSON Schema 2020-12, section 6.1.1 of its validation vocabulary. */
type TypeWord = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

/** A schema that says nothing: everything fits. */
const ANYTHING: JsonObject = {};

const objectOr = (value: Json | undefined): JsonObject | undefined => (isJsonObject(value) ? value : undefined);

const branches = (schema: JsonObject): readonly JsonObject[] | undefined => {
  const list = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : undefined;
};

/** The types a schema allows, as far as it says; undefined where it does not. */
function allowedTypes(schema: JsonObject): ReadonlySet<TypeWord> | undefined {
  const type = schema['type'];
  if (typeof type === 'string') return new Set([type as TypeWord]);
  if (Array.isArray(type)) return new Set(type as readonly TypeWord[]);
  const alternatives = branches(schema);
  if (alternatives) {
    const all = new Set<TypeWord>();
    for (const alternative of alternatives) {
      const types = allowedTypes(alternative);
      if (!types) return undefined;
      types.forEach((word) => all.add(word));
    }
    return all;
  }
  const constant = schema['const'];
  const values = Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]) : constant === undefined ? undefined : [constant];
  return values && new Set(values.map(typeOf));
}

export function typeOf(value: Json): TypeWord {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'string' | 'boolean' | 'object';
}

const typeFits = (given: TypeWord, wanted: ReadonlySet<TypeWord>): boolean =>
  wanted.has(given) || (given === 'integer' && wanted.has('number'));

/** Tokens of a JSON Pointer (RFC 6901); undefined where it is not one. */
export function pointerTokens(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export const pointerToken = (token: string | number): string => String(token).replaceAll('~', '~0').replaceAll('/', '~1');

/** An array index as RFC 6901 writes it. */
export const ARRAY_INDEX = /^(0|[1-9][0-9]{0,8})$/;

/** What a schema says of one member of its value; undefined where the schema rules such a member out. */
export function memberSchema(schema: JsonObject, token: string): JsonObject | undefined {
  const alternatives = branches(schema);
  if (alternatives) {
    const found = alternatives.map((alternative) => memberSchema(alternative, token)).filter((one) => one !== undefined);
    return found.length === 0 ? undefined : found.length === 1 ? found[0] : { anyOf: found };
  }
  const types = allowedTypes(schema);
  if (!types) return ANYTHING;
  if (types.has('object')) {
    const properties = objectOr(schema['properties']);
    const property = properties && Object.hasOwn(properties, token) ? objectOr(properties[token]) : undefined;
    if (property) return property;
    const additional = schema['additionalProperties'];
    if (isJsonObject(additional)) return additional;
    if (additional !== false && !isJsonObject(schema['properties'])) return ANYTHING;
    if (additional === true) return ANYTHING;
  }
  if (types.has('array') && ARRAY_INDEX.test(token)) {
    const prefix = schema['prefixItems'];
    const item = Array.isArray(prefix) ? (prefix as readonly Json[])[Number(token)] : undefined;
    return objectOr(item) ?? objectOr(schema['items']) ?? ANYTHING;
  }
  return undefined;
}

/** The sub-schema at a path, or undefined where no value of the schema has such a path. */
export const schemaAt = (schema: JsonObject, tokens: readonly string[]): JsonObject | undefined =>
  tokens.reduce<JsonObject | undefined>((at, token) => at && memberSchema(at, token), schema);

/**
 * Why values of one schema can never be given where the other is wanted, in words; nothing where they may fit. It judges types, list items,
 * required members and members that are always given and nowhere taken; ranges, patterns and formats are left to the check of the real value.
 */
export function mismatch(given: JsonObject, wanted: JsonObject): string | undefined {
  const givenTypes = allowedTypes(given);
  const wantedTypes = allowedTypes(wanted);
  if (!givenTypes || !wantedTypes) return undefined;
  if (![...givenTypes].some((type) => typeFits(type, wantedTypes) || (type === 'number' && wantedTypes.has('integer')))) {
    return `${[...givenTypes].join(' or ')} given, ${[...wantedTypes].join(' or ')} wanted`;
  }
  if (givenTypes.size > 1 || wantedTypes.size > 1 || branches(given) || branches(wanted)) return undefined;
  if (givenTypes.has('array')) {
    const reason = mismatch(objectOr(given['items']) ?? ANYTHING, objectOr(wanted['items']) ?? ANYTHING);
    return reason && `items: ${reason}`;
  }
  if (!givenTypes.has('object')) return undefined;
  const required = Array.isArray(wanted['required']) ? (wanted['required'] as readonly string[]) : [];
  for (const name of required) {
    const there = memberSchema(given, name);
    if (!there) return `member "${name}" is missing`;
    const reason = mismatch(there, memberSchema(wanted, name) ?? ANYTHING);
    if (reason) return `member "${name}": ${reason}`;
  }
  const certain = Array.isArray(given['required']) ? (given['required'] as readonly string[]) : [];
  const unknown = certain.find((name) => !memberSchema(wanted, name));
  return unknown === undefined ? undefined : `member "${unknown}" is not taken there`;
}
