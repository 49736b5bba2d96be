import { execFileSync } from 'node:child_process';
import { EngineUnderTest } from '../engine-under-test.js';
import { inLanes, memoryOf, nowMs } from '../measuring.js';
import { dag7 } from '../plans.js';
import type { Figure, Scenario } from '../scenario.js';

const EVENTS_PER_RUN = 24;

/** First start of a folder, later starts, what it holds in memory, and how fast read models are made anew from a long log. */
export const storedRuns: Scenario = {
  name: 'stored',
  what: 'start, memory, speed and rebuild with 20,000 stored runs (half a million events)',
  async measure(environment, { scale }) {
    let engine = await EngineUnderTest.start(environment);
    const figures: Figure[] = [{ name: 'first start of a folder', value: engine.startMs / 1_000, unit: 's' }];
    try {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      figures.push({ name: 'memory at rest, nothing done', value: memoryOf(engine.pid).now, unit: 'MiB' });
      const rateOf = async (name: string): Promise<number> => {
        const began = nowMs();
        await inLanes(Math.ceil(1_000 * scale), 200, (n) => engine.run(dag7(`${name}-${n}`)));
        return Math.ceil(1_000 * scale) / ((nowMs() - began) / 1_000);
      };
      await rateOf('warm');
      figures.push({ name: 'runs, with few stored', value: await rateOf('few'), unit: 'per s', higherIsBetter: true });
      const runs = Math.ceil(20_000 * scale);
      await inLanes(runs, 200, (n) => engine.run(dag7(`stored-${n}`)));
      figures.push({ name: `runs, with ${runs} stored`, value: await rateOf('many'), unit: 'per s', higherIsBetter: true });
      const { now, own } = memoryOf(engine.pid);
      figures.push({ name: 'memory after them', value: now, unit: 'MiB' }, { name: 'of it without mapped files', value: own, unit: 'MiB' });
      engine = await engine.restart();
      figures.push({ name: 'later start', value: engine.startMs / 1_000, unit: 's' });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      figures.push({ name: 'memory at rest after it', value: memoryOf(engine.pid).now, unit: 'MiB' });
      const seconds = await engine.rebuilt((env) => {
        const began = nowMs();
        execFileSync(process.execPath, ['bin/lifeos.mjs', 'rebuild'], { env, stdio: 'ignore' });
        return (nowMs() - began) / 1_000;
      });
      figures.push({
        name: 'rebuild of all read models',
        value: (runs * EVENTS_PER_RUN) / seconds,
        unit: 'events per s',
        higherIsBetter: true,
      });
      return figures;
    } finally {
      await engine.stop();
    }
  },
};
