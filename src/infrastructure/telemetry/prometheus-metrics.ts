import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { EventLog } from '../../application/ports/event-log.js';
import type { Metrics } from '../../application/ports/metrics.js';
import type { ReadModelProgress } from '../../application/ports/read-models.js';

/** The engine's own figures, and the process', for Prometheus. */
export class PrometheusMetrics implements Metrics {
  private readonly registry = new Registry();

  constructor(log: EventLog, progress: ReadModelProgress) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read());
        },
      });
    };
    gauge('lifeos_event_log_position', 'Position of the last event in the log.', async () => Number(await log.headPosition()));
    gauge('lifeos_read_models_position', 'Position up to which every read model is complete.', async () =>
      Number(await progress.position()),
    );
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  render(): Promise<string> {
    return this.registry.metrics();
  }
}
