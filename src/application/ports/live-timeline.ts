import type { LoggedEntry } from '../timeline/logged-entry.js';

/** A run's timeline: what happened, then what happens, each entry once and in order, from the event store. */
export interface LiveTimeline {
  /**
   * Entries after the revision (all of them without one). Ends after the run's final event, when `signal` is aborted, or when the engine stops. A reader that is
   * slow costs a bounded buffer: what does not fit is read again from the log.
   * @throws DomainError workflow.not-found (from the first step of the iteration)
   */
  follow(workflowId: number, options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<LoggedEntry>;
}

export const LIVE_TIMELINE = Symbol('LiveTimeline');
