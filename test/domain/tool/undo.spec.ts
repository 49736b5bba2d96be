import type { Json, JsonObject } from '../../../src/domain/json.js';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import type { ToolManifest, UndoDeclaration } from '../../../src/domain/tool/tool-manifest.js';
import { isIrreversible, undoOf, undoProblem } from '../../../src/domain/tool/undo.js';

const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };

const manifest = (more: Partial<ToolManifest>): ToolManifest => ({
  name: 'book',
  version: '1.0.0',
  description: 'Books.',
  riskLevel: 'L1',
  effect: 'idempotent',
  timeoutMs: 1_000,
  retry: DEFAULT_RETRY_POLICY,
  concurrency: 1,
  inputSchema: object({ place: object({ city: text }), note: text }, ['place']),
  outputSchema: object({ id: text, seats: { type: 'array', items: { type: 'integer' } } }, ['id']),
  ...more,
});
const book = (undo: UndoDeclaration, more: Partial<ToolManifest> = {}): ToolManifest => manifest({ undo, ...more });
const unbook = manifest({
  name: 'unbook',
  inputSchema: object({ id: text, city: text, seats: { type: 'array', items: { type: 'integer' } }, why: text }, ['id']),
});
const to = ($from: string, path?: Json): JsonObject => ({ $from, ...(path !== undefined && { path }) });

describe('the undo of a call', () => {
  const undoing = book({
    tool: 'unbook',
    args: { id: to('output', '/id'), city: to('args', '/place/city'), seats: to('output', '/seats'), why: 'cancelled' },
  });

  it('has arguments that are filled from the arguments and the output of the call', () => {
    expect(undoOf(undoing, { place: { city: 'Rome' } }, { id: 'b-1', seats: [4, 5] })).toEqual({
      kind: 'resolved',
      args: { id: 'b-1', city: 'Rome', seats: [4, 5], why: 'cancelled' },
    });
  });

  it.each<[string, JsonObject, Json, string]>([
    ['output', { place: { city: 'Rome' } }, { id: 'b-1' }, 'the output of the call has nothing at "/seats"'],
    ['output at all', { place: { city: 'Rome' } }, null, 'the output of the call has nothing at "/id"'],
    ['argument', { place: {} }, { id: 'b-1', seats: [] }, 'what the call was given has nothing at "/place/city"'],
  ])('is none where the call lacks the %s that it needs, and says so', (_what, args, output, reason) => {
    expect(undoOf(undoing, args, output)).toEqual({ kind: 'unresolvable', reason });
  });

  it('is none where the tool declares none', () => {
    expect(undoOf(manifest({}), {}, {})).toEqual({ kind: 'unresolvable', reason: '"book" declares no undo' });
  });

  it('takes a whole output as the arguments, if it is an object', () => {
    const whole = book({ tool: 'unbook', args: to('output') });
    expect(undoOf(whole, {}, { id: 'b-1' })).toEqual({ kind: 'resolved', args: { id: 'b-1' } });
    expect(undoOf(whole, {}, 'b-1')).toEqual({ kind: 'unresolvable', reason: 'what it gives is no object of arguments' });
  });
});

describe('what cannot be undone', () => {
  it.each<[string, ToolManifest, boolean]>([
    ['has an effect and no undo', manifest({}), true],
    ['has an effect and an undo', book({ tool: 'unbook', args: {} }), false],
    ['has no effect', manifest({ effect: 'read-only' }), false],
  ])('a tool that %s', (_what, tool, irreversible) => {
    expect(isIrreversible(tool)).toBe(irreversible);
  });
});

describe('the check of a declared undo', () => {
  const problemOf = (args: JsonObject, more: Partial<ToolManifest> = {}, tool = 'unbook'): string | undefined =>
    undoProblem(book({ tool, args }, more), (name) => (name === 'unbook' ? unbook : undefined));

  it('takes one that may work, and a tool without', () => {
    expect(problemOf({ id: to('output', '/id'), city: to('args', '/place/city'), seats: [to('output', '/seats/0')] })).toBeUndefined();
    expect(problemOf(to('output'))).toBeUndefined();
    expect(undoProblem(manifest({}), () => undefined)).toBeUndefined();
  });

  it.each<[string, JsonObject, string]>([
    ['no reference', { id: { $from: 'output', at: '/id' } }, '/id: a reference is {"$from": "step key", "path": "/json/pointer"}'],
    ['no pointer', { id: to('output', 'id') }, '/id: "id" is not a JSON Pointer (it starts with "/")'],
    ['to something else', { id: to('input', '/id') }, '/id: a reference is to "args" or "output", not to "input"'],
    ['to something that every object has', { id: to('toString') }, '/id: a reference is to "args" or "output", not to "toString"'],
    ['to no output', { id: to('output', '/uid') }, '/id: the output of the call has no "/uid"'],
    ['to no argument', { id: to('args', '/place/street') }, '/id: what the call was given has no "/place/street"'],
    ['of another type', { id: to('output', '/seats') }, '/id: "/seats" of "output" does not fit: array given, string wanted'],
    ['to an argument that is not taken', { id: 'x', name: to('output', '/id') }, '/name: the tool takes no argument "/name"'],
    ['a literal of another type', { id: 3 }, '/id: integer given, string wanted'],
    ['a literal that is not taken', { id: 'x', name: 'y' }, '/name: is not an argument of the tool'],
    ['not all that is needed', { city: to('args', '/place/city') }, '/id: is required'],
  ])('refuses arguments with what is %s', (_what, args, problem) => {
    expect(problemOf(args)).toBe(problem);
  });

  it('refuses an undo by no tool, by the tool itself, and of what has no effect', () => {
    expect(problemOf({}, {}, 'rebook')).toBe('there is no tool "rebook"');
    expect(problemOf({}, {}, 'book')).toBe('a tool cannot undo itself');
    expect(problemOf({ id: 'x' }, { effect: 'read-only' })).toBe('a read-only tool has no effect to undo');
  });
});
