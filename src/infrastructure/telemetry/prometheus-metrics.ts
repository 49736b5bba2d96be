import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { BackgroundLoops } from '../../application/background-loops.js';
import type { EventLog } from '../../application/ports/event-log.js';
import { COUNTED_OUTCOMES, type CountedOutcome, type Metrics } from '../../application/ports/metrics.js';
import type { CountsReader, ReadModelProgress } from '../../application/ports/read-models.js';
import { RUN_STATES } from '../../domain/workflow/lifecycle.js';

/** The engine's own figures, and the process', for Prometheus. */
export class PrometheusMetrics implements Metrics {
  private readonly registry = new Registry();
  private readonly outcomes: Counter<'outcome'>;
  private readonly conflicts: Counter;
  private readonly runs: Gauge<'state'>;
  private readonly waiting: Gauge<'kind'>;
  private readonly activeAlerts: Gauge;

  constructor(
    log: EventLog,
    progress: ReadModelProgress,
    private readonly counts: CountsReader,
    loops: BackgroundLoops,
  ) {
    const registers = [this.registry];
    this.outcomes = new Counter({
      name: 'lifeos_step_outcomes_total',
      help: 'Outcomes that this process has stored: attempts that succeeded or failed, steps that were skipped or failed for good.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of COUNTED_OUTCOMES) this.outcomes.inc({ outcome }, 0);
    this.conflicts = new Counter({
      name: 'lifeos_append_conflicts_total',
      help: 'Appends of this process to a run that another process had written to first: what they held was decided anew.',
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          try {
            this.set(await read());
          } catch {
            // What cannot be asked is missing; the rest is told.
            this.remove();
          }
        },
      });
    };
    gauge('lifeos_event_log_position', 'Position of the last event in the log.', async () => Number(await log.headPosition()));
    gauge('lifeos_read_models_position', 'Position up to which every read model is complete.', async () =>
      Number(await progress.position()),
    );
    gauge('lifeos_background_loops_standing', 'Parts of the background work that stand still, and are tried again.', () => loops.standing);
    this.runs = new Gauge({ name: 'lifeos_runs', help: 'Runs by their state.', labelNames: ['state'], registers });
    this.activeAlerts = new Gauge({ name: 'lifeos_alerts_active', help: 'Alerts that go on, as this process last looked.', registers });
    this.waiting = new Gauge({ name: 'lifeos_waiting', help: 'What waits for a person, by its kind.', labelNames: ['kind'], registers });
  }

  alerts(active: number): void {
    this.activeAlerts.set(active);
  }

  count(outcome: CountedOutcome): void {
    this.outcomes.inc({ outcome });
  }

  conflict(): void {
    this.conflicts.inc();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async render(): Promise<string> {
    await this.readCounts();
    return this.registry.metrics();
  }

  /** What is in the database is missing while that is away; the rest is told. */
  private async readCounts(): Promise<void> {
    this.runs.reset();
    this.waiting.reset();
    const counts = await this.counts.counts().catch(() => undefined);
    if (!counts) return;
    for (const state of RUN_STATES) this.runs.set({ state }, counts.runs[state] ?? 0);
    this.waiting.set({ kind: 'approval' }, counts.openApprovals);
    this.waiting.set({ kind: 'dead_letter' }, counts.deadLetters);
    this.waiting.set({ kind: 'parked' }, counts.parkedEvents);
  }
}
