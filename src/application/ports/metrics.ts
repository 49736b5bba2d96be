/** What the engine counts of itself. */
export interface Metrics {
  readonly contentType: string;
  /** In the Prometheus text format. */
  render(): Promise<string>;
}

export const METRICS = Symbol('Metrics');
