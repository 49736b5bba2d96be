import { faultsOf, fits } from '../src/ui/schema-form/faults';
import { errorTree, validator } from '../src/ui/schema-form/validator';

const within = (member: object, more: object = {}) => ({
  type: 'object',
  properties: { it: member },
  required: ['it'],
  additionalProperties: false,
  ...more,
});
const messages = (schema: object, value: unknown) => faultsOf(schema, value).map(({ place, message }) => `${place.join('.')}: ${message}`);

describe('what is wrong with a value by its schema', () => {
  it.each([
    [{ type: 'string' }, 5, 'This must be text.'],
    [{ type: 'integer' }, 'five', 'This must be a whole number.'],
    [{ type: ['string', 'null'] }, true, 'This must be text or nothing.'],
    [{ type: 'string', minLength: 1 }, '', 'Fill this in.'],
    [{ type: 'string', minLength: 3 }, 'ab', 'This must have 3 characters or more.'],
    [{ type: 'string', maxLength: 1 }, 'ab', 'This must have 1 character or fewer.'],
    [{ type: 'string', pattern: '^\\P{Cc}*$' }, 'a\u0007', 'This does not have the form that is asked for: ^\\P{Cc}*$'],
    [{ type: 'string', format: 'email' }, 'nobody', 'This is not an e-mail address.'],
    [{ type: 'string', format: 'date-time' }, 'noon', 'This is not a time with its offset (2026-03-10T18:00:00Z).'],
    [{ type: 'integer', minimum: 1 }, 0, 'This must be 1 or more.'],
    [{ type: 'integer', maximum: 20 }, 21, 'This must be 20 or less.'],
    [{ type: 'number', exclusiveMinimum: 0 }, 0, 'This must be more than 0.'],
    [{ type: 'number', multipleOf: 0.1 }, 0.25, 'This must be a multiple of 0.1.'],
    [{ enum: ['a', 'b'] }, 'c', 'This is none of the values that can be chosen.'],
    [{ const: 'ok' }, 'no', 'This must be "ok".'],
    [{ type: 'array', minItems: 2 }, [1], 'There must be 2 items or more.'],
    [{ type: 'array', uniqueItems: true }, [1, 1], 'No item may be there twice.'],
  ])('%j refuses %j', (schema, value, message) => {
    expect(messages(within(schema), { it: value })).toEqual([`it: ${message}`]);
    expect(faultsOf(within(schema), { it: value })[0]!.isMissing).toBe(message === 'Fill this in.');
  });

  it('is told at the place where something is missing, or is not known', () => {
    expect(faultsOf(within({ type: 'string' }), { other: 1 })).toEqual([
      { place: ['it'], message: 'Fill this in.', isMissing: true, isForeign: false },
      { place: ['other'], message: 'The tool knows nothing of that name.', isMissing: false, isForeign: true },
    ]);
  });

  it('has its place in lists and objects, also under names that a pointer would have to escape', () => {
    const schema = within({
      type: 'array',
      items: { type: 'object', properties: { 'a/b~ c%"d': { type: 'integer' } }, required: ['a/b~ c%"d'] },
    });
    expect(faultsOf(schema, { it: [{ 'a/b~ c%"d': 1 }, { 'a/b~ c%"d': 'x' }, {}] }).map(({ place }) => place)).toEqual([
      ['it', '1', 'a/b~ c%"d'],
      ['it', '2', 'a/b~ c%"d'],
    ]);
  });

  it('of a choice between kinds is that of the kind that was meant', () => {
    const either = { anyOf: [{ type: 'string', maxLength: 2 }, { type: 'null' }] };
    expect(messages(within(either), { it: 'abc' })).toEqual(['it: This must have 2 characters or fewer.']);
    expect(messages(within(either), { it: null })).toEqual([]);
    expect(messages(within(either), { it: 5 })).toEqual(['it: This is of none of the kinds that are taken here.']);
  });

  it('is found behind references within the document', () => {
    const schema = within({ $ref: '#/$defs/name' }, { $defs: { name: { type: 'string', maxLength: 2 } } });
    expect(messages(schema, { it: 'abc' })).toEqual(['it: This must have 2 characters or fewer.']);
    const tree = {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, additionalProperties: false } },
    };
    expect(messages(tree, { next: { next: { nixt: {} } } })).toEqual(['next.next.nixt: The tool knows nothing of that name.']);
  });

  it('counts an item that was added and not filled in as missing', () => {
    expect(faultsOf(within({ type: 'array', items: { type: 'string' } }), { it: ['a', undefined] })).toMatchObject([
      { place: ['it', '1'], message: 'Fill this in.', isMissing: true },
    ]);
  });

  it('knows what a form has no field for from what it shows', () => {
    const foreign = (schema: object, it: unknown) => faultsOf(within(schema), { it }).map(({ isForeign }) => isForeign);
    expect(foreign({ type: 'string' }, { some: 'object' })).toEqual([true]);
    expect(foreign({ type: 'array' }, 'text')).toEqual([true]);
    expect(foreign({ type: 'integer' }, 'text')).toEqual([false]);
  });

  it('is nothing where the schema cannot be read: the engine judges', () => {
    expect(faultsOf({ type: 'object', properties: { it: { $ref: 'https://elsewhere.invalid/schema' } } }, { it: 1 })).toEqual([]);
    // A pattern that is none in Unicode mode keeps the others from nothing.
    expect(messages(within({ type: 'string', pattern: '\\-(', maxLength: 1 }), { it: 'ab' })).toEqual([
      'it: This must have 1 character or fewer.',
    ]);
    expect(faultsOf(undefined, 1)).toEqual([]);
  });

  it('changes nothing of the schema', () => {
    const schema = within({ type: 'string', pattern: '(' });
    const before = JSON.stringify(schema);
    faultsOf(Object.freeze(schema), { it: 'a' });
    expect(JSON.stringify(schema)).toBe(before);
    expect(Object.keys(schema)).toEqual(['type', 'properties', 'required', 'additionalProperties']);
  });
});

describe("the validator of the form's library", () => {
  const schema = within({ type: 'array', items: { type: 'integer', minimum: 1 } });

  it('has errors in a list and as a tree', () => {
    expect(validator.validateFormData({ it: [1, 0] }, schema as never)).toEqual({
      errors: [{ property: '.it.1', message: 'This must be 1 or more.', stack: '.it.1 This must be 1 or more.' }],
      errorSchema: { it: { 1: { __errors: ['This must be 1 or more.'] } } },
    });
    expect(validator.validateFormData({ it: [] }, schema as never)).toEqual({ errors: [], errorSchema: {} });
  });

  it('answers for a part of a document with the references of the whole', () => {
    const root = { $defs: { small: { type: 'integer', maximum: 3 } } };
    const part = { type: 'array', items: { $ref: '#/$defs/small' } };
    expect([fits(part, [1, 3], root), fits(part, [4], root), fits({ $ref: '#/$defs/none' }, 1, root), fits(true, 1, root)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('lets no name of a member reach into objects', () => {
    const fault = { message: 'no', isMissing: false, isForeign: false };
    expect(errorTree([{ ...fault, place: ['__proto__', 'polluted'] }])).toEqual({ __errors: ['no'] });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(errorTree([{ ...fault, place: ['constructor'] }])).toEqual({ constructor: { __errors: ['no'] } });
  });
});
