import { refused, type Reading } from './rule.js';

/**
 * Why words are not taken over as they stand.
 * @param what the text is to become: "a title"
 * @param rewritten how it would be accepted
 */
export const needsQuotes = (words: readonly string[], what: string, rewritten: string): Reading =>
  refused(
    'planner.unquoted-words',
    `${words.map((word) => `"${word}"`).join(', ')} could mean more than ${what}, and I would drop what it means. If it is text, put it in quotes: ${rewritten}.`,
  );
