/** The signals by which people and supervisors end a program. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Resolves with the first of them that comes; from the call on they end the process no more by themselves. */
export const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal));
  });
