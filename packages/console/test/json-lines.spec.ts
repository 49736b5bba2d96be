import fc from 'fast-check';
import { jsonLines } from '../src/pages/new/json-lines';

const PLAN = `{
  "steps": [
    { "key": "search", "tool": "job_search",
      "args": {
        "query": "data",
        "a/b~c": [1, 2,
          3]
      } },

    {
      "key": "tailor"
    }
  ]
}`;

describe('the lines of a JSON text', () => {
  it.each([
    ['', 1],
    ['/steps', 2],
    ['/steps/0', 3],
    ['/steps/0/tool', 3],
    ['/steps/0/args', 4],
    ['/steps/0/args/query', 5],
    ['/steps/0/args/a~1b~0c', 6],
    ['/steps/0/args/a~1b~0c/1', 6],
    ['/steps/0/args/a~1b~0c/2', 7],
    ['/steps/1', 10],
    ['/steps/1/key', 11],
  ])('has %j at line %i', (pointer, line) => {
    expect(jsonLines(PLAN).lineOf(pointer)).toBe(line);
  });

  it.each([
    ['/steps/1/tool', 10],
    ['/steps/7/tool', 2],
    ['/steps/0/args/query/deeper', 5],
    ['/elsewhere', 1],
    ['no pointer', 1],
  ])('has what is missing (%j) where it would be, at line %i', (pointer, line) => {
    expect(jsonLines(PLAN).lineOf(pointer)).toBe(line);
  });

  it.each([
    [1, 'the text ends where a value should be', ''],
    [3, 'there should be a name in quotation marks', '{\n"a": 1,\n}'],
    [3, 'there should be a comma or }', '{\n"a": 1\n"b": 2}'],
    [2, 'there should be a colon', '{"a"\n1}'],
    [2, 'the text ends where a comma or ] should be', '[1,\n2'],
    [2, 'there should be a value', '[1,\n]'],
    [2, 'there should be a value', '{\n"a": tru }'],
    [2, 'there should be a value', '{\n"a": 01 }'],
    [2, 'there should be a name in quotation marks', "{\n'a': 1 }"],
    [2, 'this text in quotation marks does not end, or has a character that must be escaped', '{"a":\n"one\ntwo"}'],
    [3, 'there should be nothing after the value', '{}\n\n{}'],
    [2, '"\\u0061" is there twice', '{"a": 1,\n"\\u0061": 2}'],
    [1, 'this is nested too deeply', '['.repeat(5_000)],
  ])('finds the fault at line %i: %s', (line, message, text) => {
    expect(jsonLines(text).fault).toEqual({ line, message });
  });

  it('finds no fault in JSON, however it is spread', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        expect(jsonLines(JSON.stringify(JSON.parse(text), null, indent)).fault).toBeUndefined();
      }),
    );
  });

  it('finds a fault in whatever is not JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', 'x', '\u0001'), (text, seed, put) => {
        const at = seed % text.length;
        const broken = text.slice(0, at) + put + text.slice(at + 1);
        let isJson = true;
        try {
          JSON.parse(broken);
        } catch {
          isJson = false;
        }
        if (!isJson) expect(jsonLines(broken).fault).toBeDefined();
      }),
    );
  });

  it('is quick with a large text', () => {
    const steps = Array.from({ length: 10_000 }, (_, index) => ({ key: `step-${index}`, tool: 'x', args: { text: 'w'.repeat(500) } }));
    const text = JSON.stringify({ steps }, null, 2);
    expect(jsonLines(text).lineOf('/steps/9999/key')).toBeGreaterThan(60_000);
  });
});
