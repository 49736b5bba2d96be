import type { LoggedEntry } from '../timeline/logged-entry.js';

export interface FollowOptions<Place> {
  /** Only what lies after this place. */
  readonly after?: Place;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/**
 * Timelines as they grow: what happened, then what happens, each entry once and in order, from the event store. A final entry waits (bounded) until the read
 * models show the end of the run too. A reader that is slow costs a bounded buffer: what does not fit is read again from the log.
 */
export interface LiveTimeline {
  /**
   * A run's entries after the revision (all of them without one). Ends after the run's final event, when `signal` is aborted, or when the engine stops.
   * @throws DomainError workflow.not-found; EventLogUnavailable (from the iteration)
   */
  follow(workflowId: number, options: FollowOptions<number>): AsyncIterable<LoggedEntry>;
}

export const LIVE_TIMELINE = Symbol('LiveTimeline');
