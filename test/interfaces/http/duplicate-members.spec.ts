import fc from 'fast-check';
import { duplicateMember } from '../../../src/interfaces/http/requests/duplicate-members.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('a body with a member given twice', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());

  it.each([
    ['at the top', '{"decision":"reject","decision":"approve","decided_by":1}', '/decision'],
    ['deep inside, in a list', '{"plan":{"steps":[{"key":"a"},{"args":{"x":[1,{"to":1,"b":",","to":2}]}}]}}', '/plan/steps/1/args/x/1/to'],
    ['written otherwise', String.raw`{"decision":"reject","\u0064ecision":"approve"}`, '/decision'],
    ['with quotes and slashes in its name', String.raw`{"a\"/~":1,"a\"\/~":2}`, '/a"~1~0'],
    ['without a name', '{"":1,"":2}', '/'],
    ['of the value that would be dropped', '{"a":{"b":1,"b":2},"a":3}', '/a/b'],
    ['with equal values', '{"a":1,"a":1}', '/a'],
  ])('is refused: %s', async (_, raw, field) => {
    const answer = await send(`${http.url}/api/approvals/1/decision`, { raw, headers: { 'Content-Type': 'application/json' } });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'request.duplicate-member',
        detail: `The body at ${field} is given more than once.`,
        errors: [{ field, message: 'is given more than once' }],
      },
    });
    expect(http.asked).toEqual([]);
  });

  it('is found where it would be hidden in nesting that is too deep for the stack', () => {
    const deep = 100_000;
    const text = `{"a":${'['.repeat(deep)}{"x":1,"x":2}${']'.repeat(deep)},"a":1}`;
    expect(duplicateMember(text)?.field).toBe(`/a${'/0'.repeat(deep)}/x`);
  });
});

describe('the search for members given twice', () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', ':', '/', '\n', 'é') }), tie('value'), { maxKeys: 4 }),
    ),
  }));

  it('finds nothing in what was written from an object', () => {
    fc.assert(fc.property(value, (one) => duplicateMember(JSON.stringify(one, null, 1)) === undefined));
  });

  it('finds a member that was put in again, wherever its object stands', () => {
    const name = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(value, name, value, fc.array(fc.oneof(name, fc.constant(0)), { maxLength: 6 }), (before, twice, last, path) => {
        const key = JSON.stringify(twice);
        const text = path.reduceRight<string>(
          (inside, token) => (token === 0 ? `[${inside}]` : `{${JSON.stringify(token)}: ${inside}}`),
          `{${key}: ${JSON.stringify(before)}, ${key}: ${JSON.stringify(last)}}`,
        );
        const tokens = [...path, twice].map((token) => String(token).replaceAll('~', '~0').replaceAll('/', '~1'));
        expect(duplicateMember(text)?.field).toBe(tokens.map((token) => `/${token}`).join(''));
      }),
    );
  });
});
