import { EngineUnderTest } from '../engine-under-test.js';
import { inLanes, percentile } from '../measuring.js';
import { dag7 } from '../plans.js';
import type { Figure } from '../scenario.js';

/** Measures an engine that has done so many runs of seven steps before, and stops it whatever comes of that. */
export async function onWarmEngine<T>(
  environment: NodeJS.ProcessEnv,
  warmUp: { readonly runs: number; readonly inFlight: number },
  measure: (engine: EngineUnderTest) => Promise<T>,
): Promise<T> {
  const engine = await EngineUnderTest.start(environment);
  try {
    await inLanes(Math.ceil(warmUp.runs), warmUp.inFlight, (n) => engine.run(dag7(`warm-${n}`)));
    return await measure(engine);
  } finally {
    await engine.stop();
  }
}

/** The middle and the slow end of times in milliseconds. */
export const latencies = (name: string, times: readonly number[]): readonly Figure[] =>
  [50, 99].map((percent) => ({ name: `${name}, p${percent}`, value: percentile(times, percent), unit: 'ms' }));
