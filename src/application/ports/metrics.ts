/** How an attempt ended, or a step that is not tried again. */
export const COUNTED_OUTCOMES = ['succeeded', 'failed', 'skipped', 'dead_lettered'] as const;
export type CountedOutcome = (typeof COUNTED_OUTCOMES)[number];

/** What the engine counts of itself. */
export interface Metrics {
  readonly contentType: string;
  /** In the Prometheus text format. */
  render(): Promise<string>;
  /** How many alerts go on. */
  alerts(active: number): void;
  /** Counts what this process has stored. */
  count(outcome: CountedOutcome): void;
  /** Counts an append that came to nothing because somebody else had written first. */
  conflict(): void;
}

export const METRICS = Symbol('Metrics');
