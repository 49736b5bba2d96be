import type { EventStoreDbTimings } from '../../../../src/infrastructure/event-store/eventstoredb/timings.js';

/** Short pauses, so that tests of reconnecting do not take long; tries more patient than any stall of a busy machine. */
export const QUICK: EventStoreDbTimings = {
  tryMs: 30_000,
  budgetMs: 120_000,
  headMs: 30_000,
  firstPauseMs: 10,
  longestPauseMs: 100,
  lastingPauseMs: 200,
  firstRetryPauseMs: 5,
  longestRetryPauseMs: 50,
  firstReplayMs: 60_000,
  longestReplayMs: 60_000,
};

export const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined };
