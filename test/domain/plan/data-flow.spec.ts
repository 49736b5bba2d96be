import type { Json, JsonObject } from '../../../src/domain/json.js';
import { checkLiterals, checkReference, findReferences, resolveArguments } from '../../../src/domain/plan/data-flow.js';

const from = (path?: string): JsonObject => ({ $from: 'a', ...(path === undefined ? {} : { path }) });
const resolve = (path: string | undefined, output: Json) => resolveArguments({ x: from(path) }, () => output);
const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject;

describe('references', () => {
  it('are found anywhere in the arguments, with their places', () => {
    expect(findReferences({ x: [1, { 'y/z': from('/v') }], w: from() })).toEqual({
      references: [
        { from: 'a', path: '/v', place: '/x/1/y~1z' },
        { from: 'a', path: '', place: '/w' },
      ],
      malformed: [],
    });
  });

  it.each<[string, JsonObject]>([
    ['a key that is no text', { $from: 1 }],
    ['other members', { $from: 'a', more: 1 }],
    ['a path that is no JSON Pointer', from('v')],
    ['a wrong escape', from('/~2')],
  ])('are malformed with %s', (_, reference) => {
    expect(findReferences({ x: reference })).toMatchObject({ references: [], malformed: [expect.stringMatching(/^\/x: /)] });
  });
});

describe('completing arguments', () => {
  it('puts outputs in the places of references', () => {
    const output = { list: [{ v: 1 }, { v: null }], 'a/b': 'c' };
    expect(resolve('/list/0/v', output)).toEqual({ kind: 'resolved', args: { x: 1 } });
    expect(resolve('/list/1/v', output)).toEqual({ kind: 'resolved', args: { x: null } });
    expect(resolve('/a~1b', output)).toEqual({ kind: 'resolved', args: { x: 'c' } });
    expect(resolve(undefined, output)).toEqual({ kind: 'resolved', args: { x: output } });
  });

  it.each(['/list/2', '/list/', '/list/00', '/list/-', '/list/1e0', '/list/length', '/none', '/list/0/v/w'])(
    'finds nothing at %s',
    (path) => {
      expect(resolve(path, { list: [{ v: 1 }, 2] })).toEqual({
        kind: 'unresolvable',
        reason: `the output of "a" has nothing at "${path}"`,
      });
    },
  );

  it.each(['/__proto__', '/constructor', '/toString', '/constructor/name'])('never reaches %s, which no output holds', (path) => {
    expect(resolve(path, {})).toMatchObject({ kind: 'unresolvable' });
  });

  it('keeps members with the names of prototypes as plain members', () => {
    const args = parsed('{"__proto__": {"v": 1}, "constructor": 2}');
    const resolution = resolveArguments(args, () => undefined);
    expect(JSON.stringify(resolution)).toBe(JSON.stringify({ kind: 'resolved', args }));
  });
});

describe('checking references against schemas', () => {
  const output = parsed(
    '{"type": "object", "properties": {"n": {"type": "integer"}, "list": {"type": "array", "items": {"type": "string"}}}}',
  );
  const input = parsed('{"type": "object", "properties": {"n": {"type": "number"}, "s": {"type": "string"}}, "required": ["s"]}');
  const check = (path: string, place: string) => checkReference({ from: 'a', path, place }, output, input);

  it('takes what may fit', () => {
    expect(check('/n', '/n')).toBeUndefined();
    expect(check('/list/3', '/s')).toBeUndefined();
  });

  it('refuses what can never fit, or is not there', () => {
    expect(check('/n', '/s')).toMatch(/does not fit: integer given, string wanted/);
    expect(check('/m', '/s')).toMatch(/has no "\/m"/);
    expect(check('/list/x', '/s')).toMatch(/has no "\/list\/x"/);
    expect(check('/n', '/t')).toMatch(/takes no argument "\/t"/);
  });

  const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
  const text: JsonObject = { type: 'string' };
  const place = { type: 'object', properties: { city: text }, additionalProperties: false };
  const fits = (given: JsonObject, wanted: JsonObject) =>
    checkReference({ from: 'a', path: '/v', place: '/w' }, object({ v: given }), object({ w: wanted }));

  it.each<[string, JsonObject, JsonObject, string]>([
    [
      'beside one that it takes',
      object({ city: text, zip: text }, { required: ['city', 'zip'] }),
      place,
      'member "zip" is not taken there',
    ],
    ['alone', object({ zip: text }, { required: ['zip'] }), place, 'member "zip" is not taken there'],
    [
      'where it takes none',
      object({ zip: text }, { required: ['zip'] }),
      object({}, { additionalProperties: false }),
      '"zip" is not taken',
    ],
    [
      'deeper within',
      object({ at: object({ zip: text }, { required: ['zip'] }) }, { required: ['at'] }),
      object({ at: place }, { required: ['at'] }),
      'member "at": member "zip" is not taken there',
    ],
    [
      'in the items of a list',
      { type: 'array', items: object({ zip: text }, { required: ['zip'] }) },
      { type: 'array', items: place },
      'items: member "zip" is not taken there',
    ],
  ])('refuses an output that always has a member which the input takes nowhere, %s', (_, given, wanted, reason) => {
    expect(fits(given, wanted)).toContain(reason);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['every member is taken', object({ city: text }, { required: ['city'] }), place],
    ['the member may be absent', object({ city: text, zip: text }, { required: ['city'] }), place],
    ['the output says nothing of its members', { type: 'object' }, place],
    ['the input takes any member', object({ zip: text }, { required: ['zip'] }), object({ city: text }, { additionalProperties: true })],
    ['the input takes members of its kind', object({ zip: text }, { required: ['zip'] }), object({}, { additionalProperties: text })],
    ['the input says nothing of its members', object({ zip: text }, { required: ['zip'] }), { type: 'object' }],
    ['one way to give the input takes it', object({ zip: text }, { required: ['zip'] }), { anyOf: [place, object({ zip: text })] }],
    ['the output may be something else', { anyOf: [object({ zip: text }, { required: ['zip'] }), object({ city: text })] }, place],
  ])('takes an output where %s', (_, given, wanted) => {
    expect(fits(given, wanted)).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString'])('does not take %s for a member of every object', (name) => {
    expect(check(`/${name}`, '/s')).toMatch(/has no/);
    expect(check('/n', `/${name}`)).toMatch(/takes no argument/);
    expect(checkLiterals(parsed(`{"s": "x", "${name}": 1}`), input)).toEqual([`/${name}: is not an argument of the tool`]);
  });

  it('checks literal parts beside references', () => {
    expect(checkLiterals({ n: from('/n') }, input)).toEqual(['/s: is required']);
    expect(checkLiterals({ n: 'x', s: from('/n') }, input)).toEqual(['/n: string given, number wanted']);
    expect(
      checkLiterals({ x: [1] }, parsed('{"type":"object","properties":{"x":{"anyOf":[{"type":"string"},{"type":"number"}]}}}')),
    ).toEqual(['/x: array given, string or number wanted']);
  });
});
