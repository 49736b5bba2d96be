import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { EventLogUnavailable, type EventLog } from '../../../src/application/ports/event-log.js';
import type { ReadModelProgress } from '../../../src/application/ports/read-models.js';
import { PrometheusMetrics } from '../../../src/infrastructure/telemetry/prometheus-metrics.js';
import { LogRecorder } from '../../application/support/log-recorder.js';

const COUNTS = { runs: { RUNNING: 3 }, openApprovals: 2, deadLetters: 1, parkedEvents: 0 };

/** The lines of the engine's own figures. */
async function figures(head: () => Promise<bigint>, counts: () => Promise<typeof COUNTS>, loops = new BackgroundLoops(new LogRecorder())) {
  const log = { headPosition: head } as EventLog;
  const progress = { position: () => Promise.resolve(7n) } as unknown as ReadModelProgress;
  const metrics = new PrometheusMetrics(log, progress, { counts }, loops);
  return (await metrics.render()).split('\n').filter((line) => line.startsWith('lifeos_'));
}

describe('metrics', () => {
  it('tell what waits, how far the log and the read models are, and what stands still', async () => {
    const loops = new BackgroundLoops(new LogRecorder());
    loops.standsStill('firing timers', 'the database is away');
    const lines = await figures(
      () => Promise.resolve(9n),
      () => Promise.resolve(COUNTS),
      loops,
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'lifeos_event_log_position 9',
        'lifeos_read_models_position 7',
        'lifeos_runs{state="RUNNING"} 3',
        'lifeos_waiting{kind="approval"} 2',
        'lifeos_background_loops_standing 1',
      ]),
    );
    loops.goesOn('firing timers');
    expect(
      await figures(
        () => Promise.resolve(9n),
        () => Promise.resolve(COUNTS),
        loops,
      ),
    ).toContain('lifeos_background_loops_standing 0');
  });

  it('tell the rest where a store is away', async () => {
    const lines = await figures(
      () => Promise.reject(new EventLogUnavailable('away')),
      () => Promise.reject(new Error('away')),
    );
    expect(lines).toContain('lifeos_read_models_position 7');
    expect(lines.filter((line) => /^lifeos_(event_log_position|runs|waiting)/.test(line))).toEqual([]);
  });
});
