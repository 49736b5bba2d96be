import type { Random } from './random.js';
import type { Task, VirtualClock } from './virtual-clock.js';

interface Process {
  readonly clock: VirtualClock;
  readonly random: Random;
  ids: number;
}

let current: Process | undefined;

const running = (): Process => {
  if (!current) throw new Error('nothing is being simulated');
  return current;
};

interface DelayOptions {
  readonly signal?: AbortSignal;
}

/** In place of `setTimeout` of `node:timers/promises`. */
export function virtualDelay<T>(ms: number, value: T, { signal }: DelayOptions = {}): Promise<T> {
  const { clock } = running();
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      task.cancelled = true;
      reject(new Error('aborted'));
    };
    const task = clock.plan(ms, clock.owner, () => {
      signal?.removeEventListener('abort', aborted);
      resolve(value);
    });
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** In place of `randomUUID`: unlike any other of the run, and the same in its repeat. Decorators ask for one before anything runs. */
export function virtualId(): string {
  if (!current) return 'before-the-simulation';
  current.ids += 1;
  return `00000000-0000-4000-8000-${current.ids.toString(16).padStart(12, '0')}`;
}

const clear = (task: Task | undefined): void => {
  if (task) task.cancelled = true;
};

/**
 * Has everything that the engine takes from its process come from the seed: timers, turns of the event loop, the process' own time, dice. Answers with how to give the real ones
 * back. What it imports from `node:crypto` and `node:timers/promises` the spec replaces, for that has to be done before the import.
 */
export function inVirtualProcess(clock: VirtualClock, random: Random): () => void {
  const { setTimeout, clearTimeout, setImmediate, performance } = globalThis;
  const dice = Math.random;
  const { stackTraceLimit } = Error;
  // Conflicts and lost answers are errors by the thousand, whose stacks nobody reads.
  Error.stackTraceLimit = 0;
  current = { clock, random, ids: 0 };
  Object.assign(globalThis, {
    setTimeout: (act: () => void, ms = 0) => clock.plan(ms, clock.owner, act),
    clearTimeout: clear,
    setImmediate: (act: () => void) => clock.plan(0, clock.owner, act),
  });
  Object.defineProperty(globalThis, 'performance', { value: { now: () => clock.elapsed() }, configurable: true, writable: true });
  Math.random = () => random.next();
  return () => {
    current = undefined;
    Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
    Object.defineProperty(globalThis, 'performance', { value: performance, configurable: true, writable: true });
    Math.random = dice;
    Error.stackTraceLimit = stackTraceLimit;
  };
}
