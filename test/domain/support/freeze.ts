/** Freezes a value and all it holds, so that a change in place throws. What is frozen already is not looked into again. */
export function deepFreeze<T>(value: T): T {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null || Object.isFrozen(one)) continue;
    Object.freeze(one);
    for (const member of Object.values(one) as unknown[]) waiting.push(member);
  }
  return value;
}
