import { boxesOf } from '../src/ui/graph/boxes';
import { layered } from '../src/ui/graph/layered';

const many = (count: number, after: readonly string[]) =>
  Array.from({ length: count }, (_, index) => ({ key: `apply-${index}`, depends_on: [...after] }));
const sizes = (steps: Parameters<typeof boxesOf>[0] | ReturnType<typeof many>, open: readonly string[] = []) =>
  boxesOf(steps, new Set(open)).map(({ steps: own, after }) => [own.length, after]);

describe('equal siblings', () => {
  const plan = (count: number) => [
    { key: 'search', depends_on: [] },
    ...many(count, ['search']),
    { key: 'report', depends_on: many(count, []).map(({ key }) => key) },
  ];

  it('are one box where there are more than 30, between the same boxes', () => {
    expect(sizes(plan(31))).toEqual([
      [1, []],
      [31, ['step search']],
      [1, ['siblings of apply-0']],
    ]);
    expect(sizes(plan(30))).toHaveLength(32);
  });

  it('are boxes of their own once they are opened', () => {
    expect(sizes(plan(31), ['siblings of apply-0'])).toHaveLength(33);
  });

  it('are not those that something else depends on', () => {
    const steps = [...plan(31), { key: 'call', depends_on: ['apply-7'] }];
    expect(sizes(steps)).toHaveLength(34);
  });
});

it('boxes lie in layers by the longest way from the start, none upon another', () => {
  const places = layered(
    [
      ['a', []],
      ['b', ['a']],
      ['c', ['a', 'b']],
      ['d', ['a']],
    ],
    false,
  );
  const columns = new Map(places.map(([id, x]) => [id, x]));
  expect(columns.get('b')).toBe(columns.get('d'));
  expect(columns.get('c')).toBeGreaterThan(columns.get('b')!);
  expect(new Set(places.map(([, x, y]) => `${x} ${y}`)).size).toBe(4);
});

describe('levels of a large plan', () => {
  /** So many pairs, a second after each first: no two steps are equal. */
  const pairs = (count: number) => [
    { key: 'begin', depends_on: [] },
    ...many(count, ['begin']),
    ...many(count, []).map(({ key }) => ({ key: `then-${key}`, depends_on: [key] })),
  ];

  it('are one box each, in their order', () => {
    expect(sizes(pairs(2_500))).toEqual([
      [1, []],
      [2_500, ['step begin']],
      [2_500, ['level 2']],
    ]);
    expect(sizes(pairs(100))).toHaveLength(201);
  });

  it('are their steps once they are opened, with lines to the box of the next', () => {
    const opened = boxesOf(pairs(2_500), new Set(['level 2']));
    expect(opened).toHaveLength(2_502);
    expect(opened.at(-1)!.after).toHaveLength(2_500);
  });
});
