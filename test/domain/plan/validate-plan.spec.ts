import fc from 'fast-check';
import type { JsonObject } from '../../../src/domain/json.js';
import type { Plan, PlannedStep, PlanStep } from '../../../src/domain/plan/plan.js';
import { validatePlan, type ToolCatalogue } from '../../../src/domain/plan/validate-plan.js';
import { RISK_LEVELS } from '../../../src/domain/risk/risk-level.js';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import type { ToolManifest } from '../../../src/domain/tool/tool-manifest.js';
import { DomainError, type DomainErrorCode, type InputPart } from '../../../src/domain/workflow/workflow.errors.js';
import { randomGraph } from '../support/random-plans.js';

const manifest = (name: string, change: Partial<ToolManifest> = {}): ToolManifest => ({
  name,
  version: '2.1.0',
  description: 'For tests.',
  riskLevel: 'L1',
  effect: 'idempotent',
  timeoutMs: 1_500,
  retry: { ...DEFAULT_RETRY_POLICY, maxAttempts: 5 },
  concurrency: 1,
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false },
  outputSchema: { type: 'object', properties: { text: { type: 'string' }, count: { type: 'integer' } }, required: ['text'] },
  ...change,
});

const TOOLS = new Map([manifest('echo'), manifest('list', { inputSchema: { type: 'object' } })].map((tool) => [tool.name, tool]));
const CATALOGUE: ToolCatalogue = {
  manifest: (name) => TOOLS.get(name),
  checkArgs: (tool, args) => (tool === 'echo' && typeof args['text'] !== 'string' ? 'argument text: a text is needed' : undefined),
};

const step = (key: string, dependsOn: readonly string[] = [], change: Partial<PlanStep> = {}): PlanStep => ({
  key,
  name: `Do ${key}`,
  tool: 'echo',
  args: { text: 'hello' },
  dependsOn,
  ...change,
});

const validated = (...steps: readonly PlanStep[]): readonly PlannedStep[] => validatePlan({ steps }, CATALOGUE);

function refusalOf(plan: Plan): { readonly code: DomainErrorCode; readonly message: string; readonly part?: InputPart | undefined } {
  try {
    validatePlan(plan, CATALOGUE);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('the plan was accepted');
}

const refused = (...steps: readonly PlanStep[]) => refusalOf({ steps });
const reference = (from: string, path = '/text'): JsonObject => ({ $from: from, path });

describe('a plan', () => {
  it('gets numbers and what its tools say of themselves', () => {
    const [first, second] = validated(step('a'), step('b', ['a']));
    expect(first).toEqual({
      stepId: 1,
      key: 'a',
      name: 'Do a',
      tool: 'echo',
      toolVersion: '2.1.0',
      args: { text: 'hello' },
      dependsOn: [],
      riskLevel: 'L1',
      effect: 'idempotent',
      timeoutMs: 1_500,
      retry: { ...DEFAULT_RETRY_POLICY, maxAttempts: 5 },
    });
    expect(second).toMatchObject({ stepId: 2, key: 'b', dependsOn: ['a'] });
  });

  it('may raise a risk level, never lower it (invariant 26)', () => {
    for (const riskLevel of RISK_LEVELS) {
      const [planned] = validated(step('a', [], { riskLevel }));
      expect(planned!.riskLevel).toBe(riskLevel === 'L0' ? 'L1' : riskLevel);
    }
  });

  it('depends on the steps whose outputs it uses', () => {
    const [, second] = validated(step('a'), step('b', [], { args: { text: reference('a') } }));
    expect(second!.dependsOn).toEqual(['a']);
    const [, , third] = validated(step('a'), step('b'), step('c', ['a', 'a'], { args: { text: reference('b') } }));
    expect(third!.dependsOn).toEqual(['a', 'b']);
  });

  it.each<[DomainErrorCode, InputPart, RegExp, readonly PlanStep[]]>([
    ['plan.empty', ['steps'], /no steps/, []],
    ['plan.duplicate-key', ['step', 2, 'key'], /Steps 1 and 3 have the same key "a"/, [step('a'), step('b'), step('a')]],
    ['plan.dangling-dependency', ['step', 0, 'dependsOn'], /"a" depends on "z", which is not in the plan/, [step('a', ['z'])]],
    ['plan.cycle', ['steps'], /a → a\.$/, [step('a', ['a'])]],
    ['plan.cycle', ['steps'], /in a circle: /, [step('a', ['b']), step('b', ['a'])]],
    ['plan.cycle', ['steps'], /a → a\.$/, [step('a', [], { args: { text: reference('a') } })]],
    ['plan.unknown-tool', ['step', 0, 'tool'], /"a" uses "telepathy", which is not a tool/, [step('a', [], { tool: 'telepathy' })]],
    ['plan.invalid-args', ['step', 0, 'args'], /text: a text is needed/, [step('a', [], { args: {} })]],
    ['plan.invalid-args', ['step', 1, 'args'], /"b"/, [step('a'), step('b', [], { args: { text: reference('a'), more: 1 } })]],
    [
      'plan.invalid-reference',
      ['step', 0, 'args'],
      /output of "z", which is not in the plan/,
      [step('a', [], { args: { text: reference('z') } })],
    ],
    ['plan.invalid-reference', ['step', 0, 'args'], /"a"/, [step('a', [], { args: { text: { $from: 1 } } })]],
    [
      'plan.invalid-reference',
      ['step', 1, 'args', 'text'],
      /"b"/,
      [step('a'), step('b', [], { args: { text: reference('a', '/count') } })],
    ],
    ['plan.too-large', ['step', 0, 'args'], /\d+ characters long; at most 65536/, [step('a', [], { args: { text: 'x'.repeat(65_536) } })]],
  ])('is refused with %s at %j', (code, part, message, steps) => {
    expect(refused(...steps)).toMatchObject({ code, part, message: expect.stringMatching(message) as string });
  });

  it('has step keys in form NFC, wherever they stand and however they were written, and leaves other text as it is', () => {
    const plain = 'e\u0301';
    const args = { [plain]: [plain, { path: plain }], uses: reference(plain, `/${plain}`) };
    const open = { type: 'object' };
    const tools: ToolCatalogue = { ...CATALOGUE, manifest: (name) => manifest(name, { inputSchema: open, outputSchema: open }) };
    const planned = validatePlan({ steps: [step(plain), step('\u212b', ['\u00e9', plain], { name: plain, args })] }, tools);
    expect(planned).toMatchObject([
      { key: '\u00e9', name: `Do ${plain}` },
      { key: '\u00c5', name: plain, dependsOn: ['\u00e9'], args: { ...args, uses: { $from: '\u00e9', path: `/${plain}` } } },
    ]);
  });

  it('names the place of a key that is in it twice, in two spellings', () => {
    expect(refused(step('a'), step('\u00e9'), step('e\u0301'))).toMatchObject({
      code: 'plan.duplicate-key',
      part: ['step', 2, 'key'],
      message: 'Steps 2 and 3 have the same key "\u00e9".',
    });
  });

  it('keeps letters apart that only look alike in another font (NFKC)', () => {
    expect(validated(step('\ufb01'), step('fi')).map(({ key }) => key)).toEqual(['\ufb01', 'fi']);
  });

  it('has at most 10,000 steps', () => {
    const steps = Array.from({ length: 10_001 }, (_, index) => step(`s${index}`));
    expect(refused(...steps)).toMatchObject({ code: 'plan.too-large', part: ['steps'] });
    expect(validated(...steps.slice(1))).toHaveLength(10_000);
  });

  it('has at most 100,000 dependencies, those by reference included', () => {
    const first = Array.from({ length: 101 }, (_, index) => step(`a${index}`));
    const keys = first.map(({ key }) => key);
    const named = Array.from({ length: 991 }, (_, index) => step(`b${index}`, keys));
    expect(refused(...first, ...named)).toMatchObject({ code: 'plan.too-large', message: expect.stringContaining('100091') as string });
    const args = { all: keys.map((key) => reference(key)) };
    const used = Array.from({ length: 991 }, (_, index) => step(`b${index}`, [], { tool: 'list', args }));
    expect(refused(...first, ...used)).toMatchObject({ code: 'plan.too-large', message: expect.stringContaining('100091') as string });
  });

  it('has no step whose dependencies do not fit in an event', () => {
    const first = Array.from({ length: 700 }, (_, index) => step(`${'k'.repeat(195)}${index}`));
    const last = step(
      'last',
      first.map(({ key }) => key),
    );
    expect(refused(...first, last)).toMatchObject({ code: 'plan.too-large', part: ['step', 700, 'dependsOn'] });
  });

  it('names a few steps of a long circle', () => {
    const { message } = refused(...Array.from({ length: 5_000 }, (_, index) => step(`s${index}`, [`s${(index + 1) % 5_000}`])));
    expect(message).toMatch(/^Steps depend on each other in a circle: s\d+ → .*\(\d{4} more\) → s\d+\.$/);
    expect(message.length).toBeLessThan(200);
  });
});

const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Texts that are one text in Unicode's eyes. */
const spellings = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(...[...text.normalize('NFC')].map((letter) => fc.constantFrom(letter, letter.normalize('NFD'))))
    .map((letters) => letters.join(''));

describe('any graph', () => {
  it('is the same plan, in whatever spellings its keys are written', () => {
    const keyOf = (index: number): string => `\u00e9\ud55c\u1ed9\u00c5${index}`;
    const plans = randomGraph.chain((graph) =>
      fc.tuple(
        fc.constant(graph),
        fc.tuple(...graph.map((_, index) => spellings(keyOf(index)))),
        fc.tuple(...graph.map((before) => fc.tuple(...before.map((index) => spellings(keyOf(index)))))),
        fc.tuple(...graph.map((before) => fc.tuple(...before.map((index) => spellings(keyOf(index)))))),
      ),
    );
    const planOf = (keys: readonly string[], dependencies: readonly (readonly string[])[], uses: readonly (readonly string[])[]) =>
      validated(
        ...keys.map((key, index) => {
          const args = { note: 'e\u0301', uses: uses[index]!.map((from) => [reference(from)]) };
          return step(key, dependencies[index], { name: String(index), tool: 'list', args });
        }),
      );
    fc.assert(
      fc.property(plans, ([graph, keys, dependencies, uses]) => {
        const before = graph.map((indices) => indices.map(keyOf));
        expect(planOf(keys, dependencies, uses)).toEqual(
          planOf(
            graph.map((_, index) => keyOf(index)),
            before,
            before,
          ),
        );
      }),
    );
  });

  it('without a circle is accepted, in any order', () => {
    fc.assert(
      fc.property(
        randomGraph.chain((graph) => fc.tuple(fc.constant(graph), fc.shuffledSubarray(all(graph.length), { minLength: graph.length }))),
        ([graph, order]) => {
          const planned = validated(
            ...order.map((index) =>
              step(
                `k${index}`,
                graph[index]!.map((before) => `k${before}`),
              ),
            ),
          );
          expect(planned.map(({ key, dependsOn }) => [key, dependsOn])).toEqual(
            order.map((index) => [`k${index}`, graph[index]!.map((before) => `k${before}`)]),
          );
        },
      ),
    );
  });

  it('with one edge back is refused, and the circle that is named is one', () => {
    fc.assert(
      fc.property(
        randomGraph.filter((graph) => graph.some((before) => before.length > 0)).chain((graph) => fc.tuple(fc.constant(graph), fc.nat())),
        ([graph, choice]) => {
          const edges = graph.flatMap((before, at) => before.map((from) => [from, at] as const));
          const [from, to] = edges[choice % edges.length]!;
          const steps = graph.map((before, at) =>
            step(
              `k${at}`,
              [...before, ...(at === from ? [to] : [])].map((key) => `k${key}`),
            ),
          );
          const { code, message } = refused(...steps);
          expect(code).toBe('plan.cycle');
          const circle = /circle: (.*)\.$/.exec(message)![1]!.split(' → ');
          expect(circle.at(-1)).toBe(circle[0]);
          circle.slice(1).forEach((key, index) => {
            expect(steps.find((one) => one.key === circle[index])!.dependsOn).toContain(key);
          });
        },
      ),
    );
  });
});
