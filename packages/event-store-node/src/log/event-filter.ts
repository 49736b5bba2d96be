import type { EventRecord } from './event-record.js';

/** Which events of `$all` are wanted: by the name of their stream or by their type. */
export interface EventFilter {
  readonly on: 'stream' | 'type';
  readonly matches: (name: string) => boolean;
}

export const prefixFilter = (on: EventFilter['on'], prefixes: readonly string[]): EventFilter => ({
  on,
  matches: (name) => prefixes.some((prefix) => name.startsWith(prefix)),
});

/** @throws SyntaxError when the expression is none. */
export function regexFilter(on: EventFilter['on'], expression: string): EventFilter {
  const regex = new RegExp(expression);
  return { on, matches: (name) => regex.test(name) };
}

export const isWanted = (filter: EventFilter | undefined, record: EventRecord): boolean =>
  !filter || filter.matches(filter.on === 'stream' ? record.stream : record.type);
