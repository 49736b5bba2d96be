import { z } from 'zod';

const SHOWN = 3;

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

function sentence(issue: z.core.$ZodIssue, value: unknown, noun: string): string {
  const field = z.core.toDotPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const prefix = field === '' ? '' : `${field}.`;
    return `There is no ${noun} ${issue.keys.map((key) => `"${prefix}${key}"`).join(', ')}.`;
  }
  const reason = issue.message.replace(/^Invalid input: /, '');
  if (field === '') return `The ${noun}s are wrong: ${reason}.`;
  if (at(value, issue.path) === undefined) return `The ${noun} "${field}" is required.`;
  return `The ${noun} "${field}" is wrong: ${reason}.`;
}

/**
 * What is wrong with a value, in sentences that name the fields (the first three of them).
 * @param noun what a field is called: "argument", "output field"
 */
export function schemaProblems(error: z.ZodError, value: unknown, noun: string): string {
  const sentences = error.issues.slice(0, SHOWN).map((issue) => sentence(issue, value, noun));
  const more = error.issues.length - sentences.length;
  return [...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}
