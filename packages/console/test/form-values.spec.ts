import { blankOf, placeWords, referencesIn, textOf } from '../src/ui/schema-form/json-values';
import { instantOf, localOf } from '../src/ui/schema-form/local-times';

describe('what a form begins with, and what becomes of it', () => {
  it('finds references to outputs of other steps, wherever they are', () => {
    const args = { job: { $from: 'search', path: '/jobs/0' }, list: ['a', { $from: 'b' }], text: '$from', deep: { er: {} } };
    expect(referencesIn(args)).toEqual([['job'], ['list', '1']]);
    expect(referencesIn({ $from: 'all' })).toEqual([[]]);
  });

  it('has only what there is no choice about in a new value', () => {
    const schema = {
      type: 'object',
      properties: {
        status: { const: 'sent' },
        days: { type: 'integer', default: 7 },
        isDone: { type: 'boolean' },
        list: { type: 'array' },
        name: { type: 'string' },
        inner: { $ref: '#/$defs/inner' },
        optional: { const: 'left out' },
      },
      required: ['status', 'days', 'isDone', 'list', 'name', 'inner'],
      $defs: { inner: { type: 'object', properties: { kind: { const: 'a' } }, required: ['kind'] } },
    };
    expect(blankOf(schema)).toEqual({ status: 'sent', days: 7, isDone: false, list: [], inner: { kind: 'a' } });
  });

  it('ends with a schema that holds itself, and with none', () => {
    expect(blankOf({ $ref: '#' })).toBeUndefined();
    expect(blankOf(undefined)).toBeUndefined();
    expect(blankOf({ $ref: '#/__proto__/x' })).toBeUndefined();
  });

  it('is written as JSON: what has no value yet is no member, and null in a list', () => {
    expect(textOf({ a: undefined, b: [undefined, 1] })).toBe('{\n  "b": [\n    null,\n    1\n  ]\n}');
    expect(textOf(undefined)).toBe('null');
  });

  it('names places as people count', () => {
    expect(placeWords(['jobs', '0', 'title'])).toBe('jobs › 1 › title');
  });
});

describe('times of the wall clock here', () => {
  it('come back as the same instant', () => {
    for (const text of ['2026-03-10T18:00:00Z', '2026-07-01T23:59:59+02:00', '2026-10-25T00:30:00Z'])
      expect(new Date(instantOf(localOf(text)!)!).getTime()).toBe(new Date(text).getTime());
  });

  it.each(['noon', '2026-03-10', '2026-03-10T18:00:00', ''])('are not made of %j, which is no instant', (text) => {
    expect(localOf(text)).toBeUndefined();
  });

  it('that are none give none', () => {
    expect(instantOf('')).toBeUndefined();
  });
});
