import { inLanes, nowMs } from '../measuring.js';
import { dag7, gated } from '../plans.js';
import type { Scenario } from '../scenario.js';
import { latencies, onWarmEngine } from './warm-engine.js';

/** The submission alone: each run waits for an approval after its first step. */
export const submissions: Scenario = {
  name: 'submit',
  what: 'submissions by HTTP, 100 in flight, of runs that stop at an approval',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 0, inFlight: 1 }, async (engine) => {
      await inLanes(Math.ceil(500 * scale), 100, (n) => engine.submit(gated(`warm-${n}`)));
      const times: number[] = [];
      const count = Math.ceil(2_000 * scale);
      const began = nowMs();
      await inLanes(count, 100, async (n) => {
        const submitted = nowMs();
        await engine.submit(gated(`run-${n}`));
        times.push(nowMs() - submitted);
      });
      const seconds = (nowMs() - began) / 1_000;
      return [{ name: 'submissions', value: count / seconds, unit: 'per s', higherIsBetter: true }, ...latencies('answered after', times)];
    });
  },
};

/** Everybody watches all runs; one in ten reads nothing for as long as the runs go on. */
export const fanOut: Scenario = {
  name: 'sse',
  what: '1,000 clients of the stream over all runs, one in ten of them slow, while 200 runs go on',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 100, inFlight: 20 }, async (engine) => {
      const clients = Math.ceil(1_000 * scale);
      const runs = Math.ceil(200 * scale);
      let connected = 0;
      const followers = Array.from({ length: clients }, (_, client) => {
        let ends = 0;
        let isNew = true;
        return engine.follow('/api/stream?types=workflow_complete', (text, response) => {
          if (isNew) {
            connected += 1;
            isNew = false;
            if (client % 10 === 0) {
              response.pause();
              setTimeout(() => response.resume(), 2_000);
            }
          }
          ends += text.split('event: workflow_complete').length - 1;
          return ends < runs ? 'more' : 'enough';
        });
      });
      while (connected < clients) await new Promise((resolve) => setTimeout(resolve, 20));
      const before = engine.cpu();
      const began = nowMs();
      await inLanes(runs, 20, (n) => engine.run(dag7(`run-${n}`)));
      const runsMs = nowMs() - began;
      await Promise.all(followers);
      const ms = nowMs() - began;
      const cpu = engine.cpu().all - before.all;
      return [
        { name: 'runs meanwhile', value: runs / (runsMs / 1_000), unit: 'per s', higherIsBetter: true },
        { name: 'all clients have all after', value: ms / 1_000, unit: 's' },
        { name: 'CPU per 1,000 frames', value: (cpu / (clients * runs)) * 1_000_000, unit: 'ms' },
      ];
    });
  },
};
