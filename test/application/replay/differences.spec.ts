import fc from 'fast-check';
import { differences } from '../../../src/application/replay/differences.js';
import { canonicalJson, type Json } from '../../../src/domain/json.js';

const between = (before: Json | undefined, after: Json | undefined) =>
  [...differences(before, after)].map(({ path, before: was, after: is }) => [path, was, is]);

describe('the differences between two values', () => {
  it('are none between equal ones', () => {
    expect(between({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toEqual([]);
  });

  it('are the places that changed, in the order of the later one', () => {
    const before = { state: 'RUNNING', steps: [{ state: 'READY', attempts: 0 }, { state: 'PENDING' }] };
    const after = { steps: [{ attempts: 1, state: 'RUNNING' }, { state: 'PENDING' }], state: 'DONE' };
    expect(between(before, after)).toEqual([
      ['steps[0].attempts', 0, 1],
      ['steps[0].state', 'READY', 'RUNNING'],
      ['state', 'RUNNING', 'DONE'],
    ]);
  });

  it('name what was added or is gone, whole', () => {
    expect(between({ a: 1 }, { b: { c: [2] } })).toEqual([
      ['b', undefined, { c: [2] }],
      ['a', 1, undefined],
    ]);
    expect(between([1], [1, [2]])).toEqual([['[1]', undefined, [2]]]);
    expect(between([1, 2], [1])).toEqual([['[1]', 2, undefined]]);
    expect(between({}, undefined)).toEqual([['', {}, undefined]]);
  });

  it('tell null from nothing, and a number from its text', () => {
    expect(between({ a: null }, {})).toEqual([['a', null, undefined]]);
    expect(between({ a: 1 }, { a: '1' })).toEqual([['a', 1, '1']]);
  });

  it.each<[Json, Json]>([
    [[], {}],
    [{}, []],
    [['x'], { 0: 'x' }],
    [{ '[0]': 'x' }, ['x']],
    [[], ''],
    [{}, null],
  ])('report %j that became %j as one', (before, after) => {
    expect(between(before, after)).toEqual([['', before, after]]);
    expect(between({ output: before }, { output: after })).toEqual([['output', before, after]]);
  });
});

describe('for any two values', () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

  it('there is a difference exactly where they are not equal', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(between(before, after).length === 0).toBe(canonicalJson(before) === canonicalJson(after));
        expect(between(before, before)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
