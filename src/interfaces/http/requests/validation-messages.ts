import type { z } from 'zod';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'an array',
  object: 'an object',
};

const units = (origin: string, count: number | bigint): string => {
  if (origin === 'string') return `${count} character${count === 1 ? '' : 's'} long`;
  return origin === 'array' ? `${count} items long` : String(count);
};

/** Says what is wrong with a value in words that follow the field's name. Where it has none, zod's own message stands. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `must be at least ${units(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `must be at most ${units(issue.origin, issue.maximum)}`;
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
