import { InvalidCursor, type Page } from '../../../application/ports/read-models.js';

/** A cursor holds the key of the last row of a page. */
export const cursorOf = (key: readonly number[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws InvalidCursor */
export function keyOf(cursor: string, length: number): readonly number[] {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(key) && key.length === length && key.every((part) => Number.isSafeInteger(part))) return key as number[];
  } catch {
    // Not JSON: not ours either.
  }
  throw new InvalidCursor(`not a cursor: ${cursor}`);
}

/** Makes a page of one row more than asked for, which says whether there is another page. */
export function pageOf<R, T>(rows: readonly R[], limit: number, key: (row: R) => readonly number[], view: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: rows.length > limit && last ? cursorOf(key(last)) : null };
}
