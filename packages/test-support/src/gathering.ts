import { randomUUID } from 'node:crypto';

/** A name no other test uses, so that suites can share one server. */
export const unique = (name: string): string => `${name}${randomUUID().replaceAll('-', '').slice(0, 12)}`;

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The whole numbers from 0, `count` of them. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
