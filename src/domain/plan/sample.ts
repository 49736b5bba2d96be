import { isJsonObject, type Json, type JsonObject } from '../json.js';

/** Deepest nesting of a sample: schemas may refer to themselves. */
const DEEPEST = 8;

const SAMPLE_OF_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '1970-01-01T00:00:00Z',
  date: '1970-01-01',
  time: '00:00:00Z',
  email: 'somebody@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const firstObject = (list: Json | undefined): JsonObject | undefined =>
  Array.isArray(list) ? (list as readonly Json[]).find(isJsonObject) : undefined;

const textOf = ({ format, minLength }: JsonObject): string => {
  const text = (typeof format === 'string' ? SAMPLE_OF_FORMAT[format] : undefined) ?? 'unknown';
  return typeof minLength === 'number' ? text.padEnd(minLength, '.') : text;
};

function objectOf({ properties, required }: JsonObject, depth: number): JsonObject {
  const schemas = isJsonObject(properties ?? null) ? (properties as JsonObject) : {};
  const names = Array.isArray(required) ? (required as readonly Json[]).filter((name) => typeof name === 'string') : [];
  return Object.fromEntries(names.map((name) => [name, sampleOf(isJsonObject(schemas[name]) ? schemas[name] : {}, depth + 1)]));
}

/** A value of the kind that a JSON Schema describes, as small as it allows. No promise that the schema takes it: patterns and ranges beyond the least are not heeded. */
export function sampleOf(schema: JsonObject, depth = 0): Json {
  if (depth > DEEPEST) return null;
  if ('const' in schema) return schema['const']!;
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly Json[])[0] ?? null;
  if ('default' in schema) return schema['default']!;
  const alternative = firstObject(schema['anyOf']) ?? firstObject(schema['oneOf']);
  if (alternative) return sampleOf(alternative, depth + 1);
  const type = Array.isArray(schema['type']) ? (schema['type'] as readonly Json[])[0] : schema['type'];
  switch (type) {
    case 'object':
      return objectOf(schema, depth);
    case 'array': {
      const count = typeof schema['minItems'] === 'number' ? Math.min(schema['minItems'], 100) : 0;
      const items = isJsonObject(schema['items'] ?? null) ? (schema['items'] as JsonObject) : {};
      return Array.from({ length: count }, () => sampleOf(items, depth + 1));
    }
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}
