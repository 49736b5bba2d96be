import fc from 'fast-check';
import { Admission, type Admitted } from '../../../src/application/execution/admission.js';
import type { Tools } from '../../../src/application/ports/tools.js';
import { PRIORITIES, type Priority } from '../../../src/domain/workflow/lifecycle.js';

const NEVER = new AbortController().signal;

/** Tools with so many places each. */
class Places implements Pick<Tools, 'tryEnter' | 'onPlaceFree'> {
  readonly taken = new Map<string, number>();
  private listener: () => void = () => undefined;

  constructor(private readonly most: Readonly<Record<string, number>>) {}

  tryEnter(tool: string) {
    const taken = this.taken.get(tool) ?? 0;
    if (taken >= (this.most[tool] ?? 0)) return undefined;
    this.taken.set(tool, taken + 1);
    return {
      leave: () => {
        this.taken.set(tool, this.taken.get(tool)! - 1);
        this.listener();
      },
    };
  }

  onPlaceFree(listener: () => void): void {
    this.listener = listener;
  }
}

/** Attempts that come to be let in, by their names. */
class Attempts {
  readonly order: string[] = [];
  private readonly inside = new Map<string, Admitted>();

  constructor(private readonly admission: Admission) {}

  come(name: string, tool: string | undefined, priority: Priority = 'normal', signal = NEVER): void {
    void this.admission.enter(tool, priority, signal).then((admitted) => {
      this.order.push(admitted ? name : `${name} gave up`);
      if (admitted) this.inside.set(name, admitted);
    });
  }

  async end(name: string): Promise<void> {
    const { place, leave } = this.inside.get(name)!;
    place.leave();
    leave();
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const setting = (places: number, tools: Readonly<Record<string, number>>): Attempts =>
  new Attempts(new Admission(places, new Places(tools)));

describe('letting attempts in', () => {
  it('takes the more urgent first, and among those who came first', async () => {
    const attempts = setting(1, { a: 9, b: 9 });
    attempts.come('first', 'a');
    attempts.come('low', 'a', 'low');
    attempts.come('normal', 'b');
    attempts.come('high', 'a', 'high');
    attempts.come('second high', 'b', 'high');
    await settled();
    for (const name of ['first', 'high', 'second high', 'normal']) await attempts.end(name);
    expect(attempts.order).toEqual(['first', 'high', 'second high', 'normal', 'low']);
  });

  it('keeps nobody from a free tool for one that is busy', async () => {
    const attempts = setting(2, { busy: 1, free: 9 });
    attempts.come('holder', 'busy');
    for (let n = 0; n < 5; n++) attempts.come(`waiting ${n}`, 'busy', 'high');
    attempts.come('other', 'free', 'low');
    await settled();
    expect(attempts.order).toEqual(['holder', 'other']);
  });

  it('lets nobody hold what somebody more urgent could use', async () => {
    const attempts = setting(1, { a: 1, b: 9 });
    attempts.come('running', 'b');
    attempts.come('low at a', 'a', 'low');
    attempts.come('high at a', 'a', 'high');
    attempts.come('high at b', 'b', 'high');
    await settled();
    for (const name of ['running', 'high at a', 'high at b']) await attempts.end(name);
    expect(attempts.order).toEqual(['running', 'high at a', 'high at b', 'low at a']);
  });

  it('needs no place at a tool where none is called', async () => {
    const attempts = setting(2, { busy: 0 });
    attempts.come('waiting', 'busy', 'high');
    attempts.come('shadow', undefined, 'low');
    await settled();
    expect(attempts.order).toEqual(['shadow']);
  });

  it('passes over who has given up', async () => {
    const attempts = setting(1, { a: 1 });
    const impatient = new AbortController();
    attempts.come('first', 'a');
    attempts.come('impatient', 'a', 'high', impatient.signal);
    attempts.come('patient', 'a', 'low');
    await settled();
    impatient.abort();
    await settled();
    await attempts.end('first');
    expect(attempts.order).toEqual(['first', 'impatient gave up', 'patient']);
  });

  it('never lets in more than there are places, and leaves none free that somebody could use (invariant 17)', async () => {
    const comings = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...PRIORITIES), fc.boolean()), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
        comings,
        async (places, [a, b, c], all) => {
          const tools = new Places({ a, b, c });
          const admission = new Admission(places, tools);
          const most: Readonly<Record<string, number>> = { a, b, c };
          const inside: (Admitted & { readonly tool: string })[] = [];
          const waiting: string[] = [];
          for (const [tool, priority, ends] of all) {
            waiting.push(tool);
            void admission.enter(tool, priority, NEVER).then((admitted) => {
              if (admitted) inside.push({ ...admitted, tool });
            });
            await settled();
            const ended = ends ? inside.shift() : undefined;
            ended?.place.leave();
            ended?.leave();
            await settled();
            expect(inside.length).toBeLessThanOrEqual(places);
            for (const [name, limit] of Object.entries(most)) expect(tools.taken.get(name) ?? 0).toBeLessThanOrEqual(limit);
          }
          while (inside.length > 0) {
            const { place, leave } = inside.shift()!;
            place.leave();
            leave();
            await settled();
          }
          // What is left waits for tools without any place.
          expect(admission.tryEnter('a') === undefined).toBe(a === 0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
