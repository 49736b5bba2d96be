/** How long the adapter waits for what, in milliseconds. */
export interface EventStoreDbTimings {
  /** One try of one call. The client gives batch appends no timer at all and reads none either: this one is ours. */
  readonly tryMs: number;
  /** All tries of one append or read together; then the caller hears EventLogUnavailable. */
  readonly budgetMs: number;
  /** Answer to "where is the head?", which health checks ask. */
  readonly headMs: number;
  /** Pauses between tries and between reconnects. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Pause after an answer that would be the same the next time, until somebody changes something at the store. */
  readonly lastingPauseMs: number;
  /** Pause before a delivery that is to be retried goes back to the group: doubles with each retry. */
  readonly firstRetryPauseMs: number;
  readonly longestRetryPauseMs: number;
  /** After how long deliveries that were put aside are delivered again: doubles while they are only put aside anew. */
  readonly firstReplayMs: number;
  readonly longestReplayMs: number;
}

export const DEFAULT_TIMINGS: EventStoreDbTimings = {
  tryMs: 5_000,
  budgetMs: 30_000,
  headMs: 5_000,
  firstPauseMs: 50,
  longestPauseMs: 2_000,
  lastingPauseMs: 15_000,
  firstRetryPauseMs: 100,
  longestRetryPauseMs: 5_000,
  firstReplayMs: 60_000,
  longestReplayMs: 60 * 60_000,
};
