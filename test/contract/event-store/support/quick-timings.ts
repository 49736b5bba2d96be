import type { EventStoreDbTimings } from '../../../../src/infrastructure/event-store/eventstoredb/timings.js';

/** Short pauses, so that tests of reconnecting do not take long; tries as patient as a busy test machine needs. */
export const QUICK: EventStoreDbTimings = {
  tryMs: 3_000,
  budgetMs: 15_000,
  headMs: 3_000,
  firstPauseMs: 10,
  longestPauseMs: 100,
  firstRetryPauseMs: 5,
  longestRetryPauseMs: 50,
};

export const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined };
