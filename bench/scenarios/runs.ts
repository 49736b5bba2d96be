import { inLanes, memoryOf, nowMs } from '../measuring.js';
import { dag7, gated, wide } from '../plans.js';
import type { Figure, Scenario } from '../scenario.js';
import { latencies, onWarmEngine } from './warm-engine.js';

const IN_FLIGHT = 200;

/** Runs of seven steps, 200 in flight, each submitted by HTTP and followed to its end by its stream; and CPU of each thread. */
export const throughput: Scenario = {
  name: 'dag7',
  what: 'runs of seven steps, 200 in flight, each followed by its stream',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 1_500 * scale, inFlight: IN_FLIGHT }, async (engine) => {
      const runs = Math.ceil(1_000 * scale);
      const before = engine.cpu();
      const began = nowMs();
      await inLanes(runs, IN_FLIGHT, (n) => engine.run(dag7(`run-${n}`)));
      const seconds = (nowMs() - began) / 1_000;
      const after = engine.cpu();
      const lagMs = await engine.caughtUpAfter();
      const perThousand = (key: 'main' | 'next' | 'all'): number => ((after[key] - before[key]) / runs) * 1_000;
      const figures: readonly Figure[] = [
        { name: 'runs', value: runs / seconds, unit: 'per s', higherIsBetter: true },
        { name: 'CPU, whole engine', value: perThousand('all'), unit: 's per 1,000 runs' },
        { name: 'CPU, main thread', value: perThousand('main'), unit: 's per 1,000 runs' },
        { name: 'CPU, next busiest thread (the database, where embedded)', value: perThousand('next'), unit: 's per 1,000 runs' },
        { name: 'read models caught up after', value: lagMs, unit: 'ms' },
        { name: 'memory at most', value: memoryOf(engine.pid).peak, unit: 'MiB' },
      ];
      return figures;
    });
  },
};

/** One run at a time. */
export const latency: Scenario = {
  name: 'idle',
  what: 'one run of seven steps after another, from the submission to the end of its stream',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 600 * scale, inFlight: 20 }, async (engine) => {
      const times: number[] = [];
      for (let n = 0; n < Math.ceil(200 * scale); n++) {
        const began = nowMs();
        await engine.run(dag7(`run-${n}`));
        times.push(nowMs() - began);
      }
      return latencies('one run', times);
    });
  },
};

/** From the decision's request to the first line of the released step's body. */
export const approval: Scenario = {
  name: 'approval',
  what: 'from an approval to the body of the step that it releases',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 600 * scale, inFlight: 20 }, async (engine) => {
      const times: number[] = [];
      for (let n = 0; n < Math.ceil(100 * scale); n++) {
        const run = `gated-${n}`;
        const { workflow_id, position } = await engine.submit(gated(run));
        type Approval = { readonly approval_id: number; readonly status: string };
        let pending: Approval | undefined;
        while (!pending) {
          const approvals = await engine.call<readonly Approval[]>(
            'GET',
            `/api/approvals/workflow/${workflow_id}?min_position=${position}`,
          );
          pending = approvals.find(({ status }) => status === 'required');
        }
        const body = engine.bodyOf(run);
        const began = nowMs();
        const decided = engine.call('POST', `/api/approvals/${pending.approval_id}/decision`, { decision: 'approve', decided_by: 10 });
        times.push((await body) - began);
        await decided;
        await engine.follow(`/api/workflows/${workflow_id}/stream`);
      }
      return latencies('next step runs after', times);
    });
  },
};

/** Runs whose steps are all parallel. */
export const wideRuns: Scenario = {
  name: 'wide',
  what: 'one run of 1,000 and one of 10,000 parallel steps',
  async measure(environment, { scale }) {
    return onWarmEngine(environment, { runs: 300 * scale, inFlight: 20 }, async (engine) => {
      const figures: Figure[] = [];
      for (const steps of [1_000, 10_000].map((count) => Math.ceil(count * Math.min(1, scale)))) {
        const began = nowMs();
        await engine.run(wide('wide', steps));
        const ms = nowMs() - began;
        figures.push(
          { name: `${steps} steps`, value: ms / 1_000, unit: 's' },
          { name: `each of ${steps}`, value: (ms / steps) * 1_000, unit: 'µs' },
        );
      }
      return figures;
    });
  },
};
