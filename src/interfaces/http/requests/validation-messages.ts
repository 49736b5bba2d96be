import type { z } from 'zod';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'an array',
  object: 'an object',
};

const plural = (count: number | bigint): string => (Number(count) === 1 ? '' : 's');

/** What the bound of a size or a value demands. */
const bounded = (origin: string, bound: 'at least' | 'at most', count: number | bigint): string => {
  if (origin === 'string') return `must be ${bound} ${count} character${plural(count)} long`;
  return origin === 'array' ? `must have ${bound} ${count} item${plural(count)}` : `must be ${bound} ${count}`;
};

/** Says what is wrong with a value in words that follow the field's name. Where it has none, zod's own message stands. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return bounded(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return bounded(issue.origin, 'at most', issue.maximum);
    case 'invalid_format':
      return `must be a valid ${issue.format}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return undefined;
  }
}
