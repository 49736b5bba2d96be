import type { Json } from '../../domain/json.js';

/** Depth at which nesting is taken for a mistake, so that no later reader of the value runs out of stack. */
const MAX_DEPTH = 64;

export type PlainJson = { readonly kind: 'json'; readonly value: Json } | { readonly kind: 'not-json'; readonly problem: string };

class Walk {
  private visited = 0;

  /** @param maxValues no JSON text within the size limit can hold more values; shared parts could otherwise multiply without end */
  constructor(private readonly maxValues: number) {}

  problemIn(value: unknown, place: string, above: readonly object[]): string | undefined {
    if (++this.visited > this.maxValues) return `the output has more than ${this.maxValues} values`;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
    if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${place} is ${value}`;
    if (typeof value !== 'object') return `${place} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
    if (above.includes(value)) return `${place} contains itself`;
    if (above.length >= MAX_DEPTH) return `${place} is nested more than ${MAX_DEPTH} levels deep`;
    const within = [...above, value];
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const problem = this.problemIn(value[index], `${place}[${index}]`, within);
        if (problem) return problem;
      }
      return undefined;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return `${place} is a ${value.constructor.name}`;
    for (const [key, member] of Object.entries(value)) {
      // A member that is undefined is an optional one left out, as JSON.stringify sees it.
      const problem = member === undefined ? undefined : this.problemIn(member, `${place}.${key}`, within);
      if (problem) return problem;
    }
    return undefined;
  }
}

/**
 * A copy of the value that is JSON and nothing else, or what makes that impossible, in words.
 * @param maxBytes size limit of its UTF-8 text
 */
export function plainJson(value: unknown, maxBytes: number): PlainJson {
  const problem = new Walk(maxBytes).problemIn(value, 'the output', []);
  if (problem) return { kind: 'not-json', problem };
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { kind: 'not-json', problem: `the output has ${bytes} bytes; at most ${maxBytes} are possible` };
  return { kind: 'json', value: JSON.parse(text) as Json };
}
