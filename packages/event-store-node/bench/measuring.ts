/** Runs `work` over and over on so many lanes at once, for so long. Answers rounds per second. */
export async function roundsPerSecond(lanes: number, milliseconds: number, work: (lane: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let rounds = 0;
  const lane = async (number: number): Promise<void> => {
    while (performance.now() - begun < milliseconds) {
      await work(number);
      rounds += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return rounds / ((performance.now() - begun) / 1_000);
}

/** Seconds that `work` takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}
