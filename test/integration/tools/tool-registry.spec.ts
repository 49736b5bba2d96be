import { z } from 'zod';
import { DEFAULT_RETRY_POLICY } from '../../../src/domain/tool/retry-policy.js';
import type { ToolEffect, UndoDeclaration } from '../../../src/domain/tool/tool-manifest.js';
import { Outbox } from '../../../src/infrastructure/tools/outbox.js';
import { ToolFailure } from '../../../src/infrastructure/tools/tool-failure.js';
import { MAX_OUTPUT_BYTES, ToolRegistry } from '../../../src/infrastructure/tools/tool-registry.js';
import { defineTool, type Tool, type ToolContext } from '../../../src/infrastructure/tools/tool.js';
import { deferred, failureOf, SetClock, toolCall, type Deferred } from './support/tool-calls.js';

const registryOf = (...tools: readonly Tool[]): ToolRegistry =>
  new ToolRegistry(tools, { outbox: new Outbox('/nonexistent'), clock: new SetClock() });

interface Options {
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly output?: z.ZodType;
}

const tool = (run: (context: ToolContext, input: { text?: string | undefined }) => unknown, options: Options = {}): Tool =>
  defineTool({
    name: 'probe',
    version: '1.2.3',
    description: 'A probe.',
    riskLevel: 'L2',
    effect: 'non-idempotent',
    input: z.object({ text: z.string().min(2).optional(), items: z.array(z.object({ size: z.int() })).optional() }),
    output: z.unknown(),
    ...options,
    run: (input, context) => run(context, input),
  });

const call = (run: Parameters<typeof tool>[0], options: Options = {}): ReturnType<ToolRegistry['call']> =>
  registryOf(tool(run, options)).call(toolCall('probe', {}));

describe('the tool registry', () => {
  it.each(['input', 'output'] as const)(
    'refuses a tool with an intersection anywhere in its %s: as JSON Schema nothing would satisfy it',
    (side) => {
      const both = z.object({ x: z.int() }).and(z.object({ y: z.int() }));
      const shapes = { input: z.object({}), output: z.unknown(), [side]: z.object({ at: z.array(both.optional()) }) };
      const make = () =>
        defineTool({
          name: 'probe',
          version: '1.0.0',
          description: 'A probe.',
          riskLevel: 'L0',
          effect: 'read-only',
          ...shapes,
          run: () => ({}),
        });
      expect(make).toThrow(/no intersection .*\.extend/);
    },
  );

  it('describes a tool with JSON Schemas and the defaults of what it does not say', () => {
    const { inputSchema, outputSchema, ...rest } = registryOf(tool(() => 1, { output: z.object({ n: z.int() }) })).manifest('probe')!;
    expect(rest).toEqual({
      name: 'probe',
      version: '1.2.3',
      description: 'A probe.',
      riskLevel: 'L2',
      effect: 'non-idempotent',
      timeoutMs: 30_000,
      retry: DEFAULT_RETRY_POLICY,
      concurrency: 16,
    });
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false, properties: { text: { type: 'string' } } });
    expect(outputSchema).toMatchObject({ type: 'object', required: ['n'], properties: { n: { type: 'integer' } } });
  });

  it('refuses two tools of one name', () => {
    expect(() =>
      registryOf(
        tool(() => 1),
        tool(() => 2),
      ),
    ).toThrow('Two tools are named "probe".');
  });

  describe('with tools that others undo', () => {
    const named = (name: string, undo?: UndoDeclaration, effect: ToolEffect = 'idempotent'): Tool =>
      defineTool({
        name,
        version: '1.0.0',
        description: 'A probe.',
        riskLevel: 'L1',
        effect,
        ...(undo && { undo }),
        input: z.object({ id: z.string() }),
        output: z.object({ made: z.string() }),
        run: () => ({ made: 'x' }),
      });

    it('gives their declarations, wherever in the list the undoing tool is', () => {
      const undo = { tool: 'unmake', args: { id: { $from: 'output', path: '/made' } } };
      const registry = registryOf(named('make', undo), named('unmake'));
      expect(registry.manifest('make')!.undo).toEqual(undo);
      expect(registry.manifest('unmake')).not.toHaveProperty('undo');
    });

    it.each<[string, Tool, RegExp]>([
      [
        'by a tool that is not there',
        named('make', { tool: 'remake', args: {} }),
        /^The undo of "make" is wrong: there is no tool "remake"\.$/,
      ],
      ['by itself', named('make', { tool: 'make', args: { id: 'x' } }), /"make".*cannot undo itself/],
      ['of no effect', named('make', { tool: 'unmake', args: { id: 'x' } }, 'read-only'), /"make".*read-only/],
      ['with an argument missing', named('make', { tool: 'unmake', args: {} }), /"make".*\/id: is required/],
      [
        'with a reference to what is not there',
        named('make', { tool: 'unmake', args: { id: { $from: 'output', path: '/id' } } }),
        /"make".*\/id: the output of the call has no "\/id"/,
      ],
    ])('refuses an undo %s, naming tool and place', (_what, tool, message) => {
      expect(() => registryOf(tool, named('unmake'))).toThrow(message);
    });
  });

  it('refuses a tool whose summary names what is no argument, naming tool and place', () => {
    const probe = (summary: string): Tool =>
      defineTool({
        name: 'probe',
        version: '1.0.0',
        description: 'A probe.',
        riskLevel: 'L1',
        effect: 'idempotent',
        summary,
        shows: ['/id'],
        input: z.object({ id: z.string() }),
        output: z.object({}),
        run: () => ({}),
      });
    expect(() => registryOf(probe('Probe {/idd}'))).toThrow(/^What people read of "probe" is wrong: the tool takes no argument "\/idd"\.$/);
    expect(registryOf(probe('Probe {/id}')).manifest('probe')).toMatchObject({ summary: 'Probe {/id}', shows: ['/id'] });
  });

  it.each([
    [{}, undefined],
    [{ text: 'long enough' }, undefined],
    [{ text: 'x' }, /"text".*>=2/],
    [{ text: 3 }, /"text" is wrong: expected string, received number\./],
    [{ items: [{ size: 1 }, {}] }, /"items\[1\]\.size" is required\./],
    [{ txt: 'a' }, /There is no argument "txt"\./],
  ])('says what is wrong with the arguments %j, naming the field', (args, expected) => {
    const problem = registryOf(tool(() => 1)).checkArgs('probe', args);
    if (expected) expect(problem).toMatch(expected);
    else expect(problem).toBeUndefined();
  });

  it('gives a tool its input with defaults, the key and the attempt, and answers with its output', async () => {
    const seen: unknown[] = [];
    const registry = registryOf(
      tool(({ idempotencyKey, attempt, now }, input) => {
        seen.push(idempotencyKey, attempt, now(), input);
        return { ok: true };
      }),
    );
    const outcome = await registry.call(toolCall('probe', { text: 'hi' }, { idempotencyKey: 'k', attempt: 2 }));
    expect(outcome).toEqual({ kind: 'success', output: { ok: true } });
    expect(seen).toEqual(['k', 2, new SetClock().time, { text: 'hi' }]);
  });

  it('answers with a failure that is not retryable for an unknown tool and for arguments that the tool does not take', async () => {
    const registry = registryOf(tool(() => 1));
    expect(failureOf(await registry.call(toolCall('nothing', {})))).toMatchObject({ code: 'tool.unknown', retryable: false });
    expect(failureOf(await registry.call(toolCall('probe', { text: 1 })))).toMatchObject({ code: 'tool.invalid-args', retryable: false });
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no luck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no luck'))],
    [
      'throws what is no error',
      () => {
        throw 'no luck'; /* eslint-disable-line @typescript-eslint/only-throw-error */
      },
    ],
  ])('turns a tool that %s into a retryable failure', async (_how, run) => {
    expect(failureOf(await call(run))).toEqual({ code: 'tool.failed', message: 'no luck', retryable: true, effect: 'unknown' });
  });

  it('survives a tool that throws what cannot be made a text of', async () => {
    const unspeakable = Object.create(null) as Error;
    expect(failureOf(await call(() => Promise.reject(unspeakable)))).toMatchObject({ code: 'tool.failed' });
  });

  it("passes on a tool's own failure", async () => {
    const outcome = await call(() => {
      throw new ToolFailure('probe.sold-out', 'Nothing is left.', { retryable: false });
    });
    expect(failureOf(outcome)).toEqual({ code: 'probe.sold-out', message: 'Nothing is left.', retryable: false, effect: 'none' });
  });

  it('fails a tool that hangs past its time-out, and tells it to stop', async () => {
    const aborted = deferred();
    const outcome = await call(
      ({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve());
        return new Promise(() => undefined);
      },
      { timeoutMs: 20 },
    );
    expect(failureOf(outcome)).toMatchObject({ code: 'tool.timed-out', retryable: true, effect: 'unknown' });
    await aborted.promise;
  });

  it('says that the time is up even when the tool answers its abort with an error', async () => {
    const outcome = await call(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      { timeoutMs: 20 },
    );
    expect(failureOf(outcome).code).toBe('tool.timed-out');
  });

  it('ends a call when the caller aborts, whether the tool listens or not', async () => {
    const controller = new AbortController();
    const started = deferred();
    const outcome = registryOf(
      tool(() => {
        started.resolve();
        return new Promise(() => undefined);
      }),
    ).call(toolCall('probe', {}, { signal: controller.signal }));
    await started.promise;
    controller.abort();
    expect(failureOf(await outcome)).toMatchObject({ code: 'tool.aborted', retryable: true });
  });

  it('does not begin a call that is aborted already', async () => {
    let ran = false;
    const registry = registryOf(tool(() => (ran = true)));
    expect(failureOf(await registry.call(toolCall('probe', {}, { signal: AbortSignal.abort() }))).code).toBe('tool.aborted');
    expect(ran).toBe(false);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const doubling = Array.from({ length: 40 }).reduce<unknown>((inside) => [inside, inside], 1);
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['NaN', { n: NaN }],
    ['a date', { at: new Date() }],
    ['a map', new Map()],
    ['a function', { f: () => 1 }],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['undefined in a list', [undefined]],
    ['itself', circular],
    ['endless nesting', Array.from({ length: 10_000 }).reduce<unknown>((inside) => [inside], 1)],
    ['parts that multiply', doubling],
    ['too much', 'é'.repeat(MAX_OUTPUT_BYTES / 2)],
  ])('refuses an output that is or contains %s', async (_what, output) => {
    expect(failureOf(await call(() => output))).toMatchObject({ code: 'tool.invalid-output', retryable: false, effect: 'happened' });
  });

  it('refuses an output that its schema refuses, naming the field, and leaves out what the schema does not know', async () => {
    const output = z.object({ n: z.int() });
    expect(failureOf(await call(() => ({ n: 'one' }), { output })).message).toMatch(/"n"/);
    expect(await call(() => ({ n: 1, secret: 2 }), { output })).toEqual({ kind: 'success', output: { n: 1 } });
  });

  it('refuses an output whose schema throws', async () => {
    const output = z.string().refine(() => {
      throw new Error('broken check');
    });
    expect(failureOf(await call(() => 'text', { output }))).toMatchObject({ code: 'tool.invalid-output' });
  });

  it('gives a copy: what the tool changes later changes nothing', async () => {
    const kept = { n: 1 };
    const outcome = await call(() => kept);
    kept.n = 2;
    expect(outcome).toEqual({ kind: 'success', output: { n: 1 } });
  });
});

describe('the concurrency limit of a tool', () => {
  /** A tool whose calls begin and end one by one, as the test says. */
  function gated(concurrency: number, timeoutMs = 30_000) {
    const order: string[] = [];
    const gates = new Map<string, Deferred>();
    let most = 0;
    let inside = 0;
    const gate = (key: string): Deferred => gates.get(key) ?? gates.set(key, deferred()).get(key)!;
    const begun = (key: string) => gate(`begun ${key}`);
    const registry = registryOf(
      tool(
        async ({ idempotencyKey }) => {
          order.push(idempotencyKey);
          most = Math.max(most, ++inside);
          begun(idempotencyKey).resolve();
          await gate(idempotencyKey).promise;
          inside--;
          return idempotencyKey;
        },
        { concurrency, timeoutMs },
      ),
    );
    const start = (key: string, signal = new AbortController().signal) =>
      registry.call(toolCall('probe', {}, { idempotencyKey: key, signal }));
    return { start, end: (key: string) => gate(key).resolve(), begun: (key: string) => begun(key).promise, order, most: () => most };
  }

  it('is never exceeded, and those who wait come in the order in which they arrived (invariant 17)', async () => {
    const { start, end, begun, order, most } = gated(2);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const calls = keys.map((key) => start(key));
    for (const key of ['b', 'a', 'd', 'c', 'e']) {
      await begun(key);
      end(key);
    }
    await Promise.all(calls);
    expect(order).toEqual(keys);
    expect(most()).toBe(2);
  });

  it('ends the wait of a call that is aborted in the queue, and lets the next one in', async () => {
    const { start, end, begun, order } = gated(1);
    const controller = new AbortController();
    const [first, second, third] = [start('a'), start('b', controller.signal), start('c')];
    await begun('a');
    controller.abort();
    expect(failureOf(await second).code).toBe('tool.aborted');
    end('a');
    await begun('c');
    end('c');
    await Promise.all([first, third]);
    expect(order).toEqual(['a', 'c']);
  });

  it('counts a call that ignores its time-out until it really ends', async () => {
    const { start, end, begun, order } = gated(1, 20);
    const first = start('a');
    await begun('a');
    expect(failureOf(await first).code).toBe('tool.timed-out');
    const second = start('b');
    await new Promise(setImmediate);
    expect(order).toEqual(['a']);
    end('a');
    await begun('b');
    end('b');
    expect(await second).toEqual({ kind: 'success', output: 'b' });
  });

  it('does not count the wait towards the time-out', async () => {
    const { start, end, begun } = gated(1, 200);
    const first = start('a');
    const second = start('b');
    await begun('a');
    expect(failureOf(await first).code).toBe('tool.timed-out');
    end('a');
    await begun('b');
    end('b');
    expect(await second).toEqual({ kind: 'success', output: 'b' });
  });
});
