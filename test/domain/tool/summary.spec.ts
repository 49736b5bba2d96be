import fc from 'fast-check';
import type { JsonObject } from '../../../src/domain/json.js';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import { lineOf, MAX_SUMMARY, MAX_SUMMARY_VALUE, summaryOf, summaryProblem } from '../../../src/domain/tool/summary.js';
import type { ToolManifest } from '../../../src/domain/tool/tool-manifest.js';

const said = (summary: string, args: JsonObject): string | undefined => summaryOf({ summary }, args);

describe('how a call reads for a person', () => {
  it.each<[string, JsonObject, string | undefined]>([
    ['Send it to {/job/company} ({/job/title})', { job: { company: 'Acme', title: 'Baker' } }, 'Send it to Acme (Baker)'],
    ['Buy {/n} of {/list/1}: {/fast}', { n: 2, list: ['a', 'b'], fast: true }, 'Buy 2 of b: true'],
    ['Buy {/list}', { list: ['milk', 'eggs', 3] }, 'Buy milk, eggs, 3'],
    ['Send it', {}, 'Send it'],
  ])('fills the places of "%s" from %j', (summary, args, text) => {
    expect(said(summary, args)).toBe(text);
  });

  it.each<[string, JsonObject, string | undefined]>([
    ['Send it to {/to} ({/what})', { to: 'Acme' }, 'Send it to Acme'],
    ['Send it to {/to}: {/what}', { to: 'Acme', what: '' }, 'Send it to Acme'],
    ['Cancel "{/what}" of {/to}', { to: 'Acme', what: null }, 'Cancel of Acme'],
    ['List[ for {/people} people][, {/days} days]', { days: 3 }, 'List, 3 days'],
    ['List[ for {/people} people]', {}, 'List'],
    ['List[ for {/people} in {/place}]', { people: 2 }, 'List'],
    ['Send it to {/to}', { to: { name: 'Acme' } }, undefined],
    ['Send it to {/to}', {}, undefined],
  ])('leaves out of "%s" what %j lacks', (summary, args, text) => {
    expect(said(summary, args)).toBe(text);
  });

  it('is nothing where the tool says nothing', () => {
    expect(summaryOf({}, { to: 'Acme' })).toBeUndefined();
  });

  it('takes what looks like a place in a value for text', () => {
    expect(said('Say {/a} and {/b}', { a: '{/b} [x]', b: 'c' })).toBe('Say {/b} [x] and c');
  });

  it('cuts long values and long summaries between characters', () => {
    const long = '😀'.repeat(300);
    expect([...said('Say {/a}', { a: long })!]).toHaveLength('Say '.length + MAX_SUMMARY_VALUE);
    expect(said('Say {/a}', { a: long })).toMatch(/😀…$/);
    expect([...said('{/a} {/a} {/a}', { a: long })!]).toHaveLength(MAX_SUMMARY);
  });

  it('is one line that shows all it says, and whose text runs as it is written', () => {
    expect(said('Pay {/to}', { to: 'A\n\tB\u202Ecba\u202C\u2066x\u2069\u200B\u2028C\u0000\uD800' })).toBe('Pay A Bcbax C');
    expect(lineOf('👩\u200D🚀 می\u200Cخواهم')).toBe('👩\u200D🚀 می\u200Cخواهم');
  });

  it('is short and plain whatever the arguments are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.array(fc.string({ unit: 'grapheme' })), (a, b) => {
        const text = said('Do {/a} with {/b} ({/a})', { a, b }) ?? '';
        expect([...text].length).toBeLessThanOrEqual(MAX_SUMMARY);
        expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(text.includes(a) || text === '' || lineOf(a) !== a || [...a].length > MAX_SUMMARY_VALUE).toBe(true);
      }),
    );
  });
});

describe('the check of what a tool has people read', () => {
  const manifest = (more: Pick<ToolManifest, 'summary' | 'shows'>): ToolManifest => ({
    name: 'book',
    version: '1.0.0',
    description: 'Books.',
    riskLevel: 'L1',
    effect: 'idempotent',
    timeoutMs: 1_000,
    retry: DEFAULT_RETRY_POLICY,
    concurrency: 1,
    inputSchema: {
      type: 'object',
      properties: { place: { type: 'object', properties: { city: { type: 'string' } } } },
      additionalProperties: false,
    },
    outputSchema: {},
    ...more,
  });

  it('takes places that arguments may have, and a tool that says nothing', () => {
    expect(summaryProblem(manifest({}))).toBeUndefined();
    expect(summaryProblem(manifest({ summary: 'Book[ in {/place/city}]', shows: ['/place/city', '/place'] }))).toBeUndefined();
  });

  it.each<[string, Pick<ToolManifest, 'summary' | 'shows'>, RegExp]>([
    ['a place that no argument has', { summary: 'Book {/town}' }, /takes no argument "\/town"/],
    ['such a place in brackets', { summary: 'Book[ in {/place/town}]' }, /takes no argument "\/place\/town"/],
    ['something to show that no argument has', { shows: ['/place', '/town'] }, /takes no argument "\/town"/],
    ['what is no pointer', { summary: 'Book {place}' }, /"place" is not a JSON Pointer/],
    ['all arguments at once', { shows: [''] }, /"" is not a JSON Pointer/],
    ['a brace alone', { summary: 'Book {/place/city' }, /"\{" stands alone/],
    ['brackets in brackets', { summary: 'Book[ a[ {/place/city}]]' }, /"\[" stands alone/],
    ['brackets around nothing', { summary: 'Book[ it]' }, /has no place/],
    ['no text', { summary: '' }, /one line/],
    ['lines', { summary: 'Book\nit' }, /one line/],
  ])('refuses %s', (_what, more, problem) => {
    expect(summaryProblem(manifest(more))).toMatch(problem);
  });
});
