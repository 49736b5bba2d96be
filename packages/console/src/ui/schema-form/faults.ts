import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import { isObject } from '../json-text';
import { decodedToken, withinDocument, type Place } from './json-values';

/** What is wrong with a value, and where. */
export interface Fault {
  readonly place: Place;
  readonly message: string;
  /** Whether there is only nothing yet, and nothing wrong. */
  readonly isMissing: boolean;
  /** Whether a form would have no field for what is there: a member that is not known, or something of another kind. */
  readonly isForeign: boolean;
}

/** Keywords that only say that something is wrong further in. */
const OUTER = new Set([
  'properties',
  'patternProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'allOf',
  '$ref',
  '$recursiveRef',
  'if',
]);
const CHOICES = new Set(['anyOf', 'oneOf']);
/** Members of a schema that hold values and no schemas. */
const VALUES = new Set(['const', 'default', 'enum', 'examples']);

const isPattern = (pattern: string): boolean => {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
};

/** A copy that the validator may mark, without patterns that JavaScript cannot read: what they say is the engine's to check. */
function checkable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(checkable);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema)
    .filter(([key, value]) => !(key === 'pattern' && typeof value === 'string' && !isPattern(value)))
    .map(([key, value]) => {
      if (VALUES.has(key)) return [key, structuredClone(value)] as const;
      if (key === 'patternProperties' && isObject(value))
        return [key, checkable(Object.fromEntries(Object.entries(value).filter(([pattern]) => isPattern(pattern))))] as const;
      return [key, checkable(value)] as const;
    });
  return Object.fromEntries(entries);
}

/** Under it the whole document is known where a part of it is asked about. */
const DOCUMENT = 'https://schema.invalid/document';

const intoDocument = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(intoDocument);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `${DOCUMENT}${value}` : intoDocument(value),
    ]),
  );
};

const known = new WeakMap<object, { readonly root: unknown; readonly validator: Validator }>();

/** It reads schemas as they are; compiling them, as others do, needs `eval`, which the policy of the page forbids. */
function validatorOf(schema: object, root: unknown): Validator {
  const made = known.get(schema);
  if (made && made.root === root) return made.validator;
  const isPart = root !== schema && isObject(root);
  const validator = new Validator((isPart ? intoDocument(checkable(schema)) : checkable(schema)) as Schema, '2020-12', false);
  if (isPart) validator.addSchema(checkable({ ...root, $id: undefined }) as Schema, DOCUMENT);
  known.set(schema, { root, validator });
  return validator;
}

/** As it would be sent: without members that have no value. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

/** Whether a value fits a part of a schema's document; a schema that cannot be read is fitted by nothing. */
export function fits(schema: unknown, value: unknown, root: unknown): boolean {
  if (!isObject(schema)) return schema === true;
  try {
    return validatorOf(schema, root).validate(plain(value)).valid;
  } catch {
    return false;
  }
}

const tokensOf = (pointer: string): readonly string[] => pointer.split('/').slice(1).map(decodedToken);

/** What the keyword says that a unit is about. */
function ruleOf(unit: OutputUnit, root: unknown): unknown {
  let at: unknown = root;
  for (const token of tokensOf(unit.keywordLocation)) {
    if (!isObject(at) && !Array.isArray(at)) return undefined;
    const next = (at as Record<string, unknown>)[token];
    at = token === '$ref' && typeof next === 'string' ? withinDocument(next, root) : next;
  }
  return at;
}

function valueAt(place: Place, value: unknown): unknown {
  return place.reduce<unknown>(
    (at, token) => (isObject(at) || Array.isArray(at) ? (at as Record<string, unknown>)[token] : undefined),
    value,
  );
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'an object',
  null: 'nothing',
};
const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  uri: 'a web address',
  date: 'a date (2026-03-10)',
  'date-time': 'a time with its offset (2026-03-10T18:00:00Z)',
  time: 'a time of day with its offset',
  uuid: 'a UUID',
};

const counted = (count: unknown, one: string, many: string): string => `${String(count)} ${count === 1 ? one : many}`;

const MESSAGES: Readonly<Record<string, (rule: unknown) => string>> = {
  type: (rule) =>
    `This must be ${[rule]
      .flat()
      .map((kind) => KINDS[String(kind)] ?? String(kind))
      .join(' or ')}.`,
  const: (rule) => `This must be ${JSON.stringify(rule)}.`,
  enum: () => 'This is none of the values that can be chosen.',
  minLength: (rule) => (rule === 1 ? 'Fill this in.' : `This must have ${counted(rule, 'character', 'characters')} or more.`),
  maxLength: (rule) => `This must have ${counted(rule, 'character', 'characters')} or fewer.`,
  minItems: (rule) => `There must be ${counted(rule, 'item', 'items')} or more.`,
  maxItems: (rule) => `There must be ${counted(rule, 'item', 'items')} or fewer.`,
  uniqueItems: () => 'No item may be there twice.',
  minimum: (rule) => `This must be ${String(rule)} or more.`,
  maximum: (rule) => `This must be ${String(rule)} or less.`,
  exclusiveMinimum: (rule) => `This must be more than ${String(rule)}.`,
  exclusiveMaximum: (rule) => `This must be less than ${String(rule)}.`,
  multipleOf: (rule) => `This must be a multiple of ${String(rule)}.`,
  pattern: (rule) => `This does not have the form that is asked for: ${String(rule)}`,
  format: (rule) => `This is not ${FORMATS[String(rule)] ?? `of the form "${String(rule)}"`}.`,
  anyOf: () => 'This is of none of the kinds that are taken here.',
  oneOf: () => 'This is not of one of the kinds that are taken here.',
};

/**
 * The units to tell. Of a choice between kinds those of the one kind that the value is of (so that a text that may also be `null` is told to be too long, and
 * not to be neither), or else that it is of none.
 */
function told(units: readonly OutputUnit[]): readonly OutputUnit[] {
  const left = new Set(units);
  const choices = units.filter(({ keyword }) => CHOICES.has(keyword)).sort((a, b) => a.keywordLocation.length - b.keywordLocation.length);
  for (const choice of choices) {
    if (!left.has(choice)) continue;
    const isInside = (unit: OutputUnit, from: string): boolean =>
      unit.keywordLocation.startsWith(`${from}/`) && `${unit.instanceLocation}/`.startsWith(`${choice.instanceLocation}/`);
    const inside = [...left].filter((unit) => isInside(unit, choice.keywordLocation));
    const branches = new Set(inside.map(({ keywordLocation: at }) => at.slice(choice.keywordLocation.length + 1).split('/', 1)[0]!));
    const meant = [...branches].filter(
      (branch) =>
        !inside.some(
          (unit) =>
            isInside(unit, `${choice.keywordLocation}/${branch}`) &&
            unit.instanceLocation === choice.instanceLocation &&
            (unit.keyword === 'type' || unit.keyword === 'const'),
        ),
    );
    if (meant.length === 1) left.delete(choice);
    for (const unit of inside) if (meant.length !== 1 || !isInside(unit, `${choice.keywordLocation}/${meant[0]!}`)) left.delete(unit);
  }
  return [...left].filter(({ keyword }) => !OUTER.has(keyword));
}

/** The name that a unit quotes: it is not in its location. */
const quoted = (unit: OutputUnit): string => /"([^]*)"/.exec(unit.error)?.[1] ?? '';

function faultOf(unit: OutputUnit, units: readonly OutputUnit[], value: unknown, root: unknown): Fault | undefined {
  const place = tokensOf(unit.instanceLocation);
  const fault = { place, isMissing: false, isForeign: false };
  if (unit.keyword === 'required') return { ...fault, place: [...place, quoted(unit)], message: 'Fill this in.', isMissing: true };
  if (unit.keyword === 'additionalProperties' || unit.keyword === 'unevaluatedProperties') {
    const member = [...place, quoted(unit)];
    const isUnknown = units.some(
      ({ keyword, instanceLocation }) => keyword === 'false' && tokensOf(instanceLocation).join('/') === member.join('/'),
    );
    return isUnknown ? { ...fault, place: member, message: 'The tool knows nothing of that name.', isForeign: true } : undefined;
  }
  if (unit.keyword === 'false') return undefined;
  const rule = ruleOf(unit, root);
  const message = rule === undefined && !CHOICES.has(unit.keyword) ? unit.error : (MESSAGES[unit.keyword]?.(rule) ?? unit.error);
  const found = valueAt(place, value);
  // An item that was added to a list and not filled in.
  if (unit.keyword === 'type' && found === null) return { ...fault, message: 'Fill this in.', isMissing: true };
  const isOfKind = unit.keyword === 'type' || CHOICES.has(unit.keyword);
  // A field shows any short value, wrong or not; but no list or object, nor anything in place of one.
  const isForeign = isOfKind && (typeof found === 'object' || [rule].flat().some((kind) => kind === 'object' || kind === 'array'));
  return { ...fault, message, isMissing: unit.keyword === 'minLength' && found === '', isForeign };
}

/** What is wrong with a value, in words and with its places. Nothing where the schema cannot be read: the engine judges in the end. */
export function faultsOf(schema: unknown, value: unknown): readonly Fault[] {
  if (!isObject(schema)) return [];
  const sent = plain(value);
  try {
    const units = validatorOf(schema, schema).validate(sent).errors;
    const faults = told(units)
      .map((unit) => faultOf(unit, units, sent, schema))
      .filter((fault) => fault !== undefined);
    const seen = new Set<string>();
    return faults.filter(({ place, message }) => {
      const key = JSON.stringify([place, message]);
      return !seen.has(key) && seen.add(key);
    });
  } catch {
    return [];
  }
}
