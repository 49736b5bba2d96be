const step = (key: string, run: string, dependsOn: readonly string[], more: object = {}) => ({
  key,
  name: `Step ${key}`,
  tool: 'noop',
  args: { step: key, run },
  depends_on: dependsOn,
  ...more,
});

/** Seven steps on four levels: A; then B1, B2, B3; then C1 (after B1, B2) and C2 (after B2, B3); then D. */
export const dag7 = (run: string) => ({
  steps: [
    step('A', run, []),
    ...['B1', 'B2', 'B3'].map((key) => step(key, run, ['A'])),
    step('C1', run, ['B1', 'B2']),
    step('C2', run, ['B2', 'B3']),
    step('D', run, ['C1', 'C2']),
  ],
});

/** One step, then one that needs an approval and tells when it runs. */
export const gated = (run: string) => ({
  steps: [step('A', run, []), step('G', run, ['A'], { risk_level: 'L3', args: { step: 'G', run, tell: true } })],
});

/** So many steps at once. */
export const wide = (run: string, count: number) => ({ steps: Array.from({ length: count }, (_, n) => step(`s${n}`, run, [])) });

/** So many steps at once, and one after each: no two are equal. */
export const pairs = (run: string, count: number) => ({
  steps: ['a', 'b'].flatMap((part) => Array.from({ length: count }, (_, n) => step(`${part}${n}`, run, part === 'a' ? [] : [`a${n}`]))),
});
