import fc from 'fast-check';
import { binaryArray } from '../../../src/infrastructure/read-models/database/binary-array.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';

/** What a database makes of arrays in binary. */
export function describeBinaryArrays(database: () => Database): void {
  const roundTrip = async (type: 'text' | 'integer' | 'bigint', values: readonly unknown[]): Promise<unknown[]> => {
    const rows = await database().source.query<{ value: unknown }[]>(
      `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS t (value, place) ORDER BY place`,
      [binaryArray(type, values)],
    );
    return rows.map(({ value }) => value);
  };
  const nullable = <T>(value: fc.Arbitrary<T>) => fc.array(fc.option(value, { freq: 5 }), { maxLength: 20 });

  it('come out as they went in', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    await fc.assert(
      fc.asyncProperty(nullable(text), nullable(int), nullable(long), async (texts, ints, longs) => {
        expect(await roundTrip('text', texts)).toEqual(texts);
        expect(await roundTrip('integer', ints)).toEqual(ints);
        expect(await roundTrip('bigint', longs)).toEqual(longs.map((value) => (value === null ? null : String(value))));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['integer', 'seven'],
    ['integer', 1.5],
    ['integer', 2 ** 31],
    ['bigint', 'seven'],
    ['bigint', 2n ** 63n],
    ['text', 7],
  ] as const)('are refused for %s with %p', (type, value) => {
    expect(() => binaryArray(type, [value])).toThrow();
  });
}
