import type { TimelineType } from '../../domain/workflow/timeline.js';
import type { LoggedEntry } from '../timeline/logged-entry.js';

export interface FollowOptions<Place> {
  /** Only what lies after this place. */
  readonly after?: Place;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/** Which entries of all runs are wanted; all of them where nothing is said. */
export interface RunsFilter {
  readonly userId?: number;
  readonly types?: ReadonlySet<TimelineType>;
}

/** What a follower of all runs is told: an entry, or that nothing up to a log position is left to tell, so that it may resume there. */
export type RunsItem = { readonly kind: 'entry'; readonly entry: LoggedEntry } | { readonly kind: 'position'; readonly position: bigint };

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
  /**
   * Entries of all runs after the log position, 0n for all there are; what happens from now on without one. Begins with the position that it starts after.
   * Ends when `signal` is aborted, or when the engine stops.
   * @throws EventLogUnavailable (from the iteration)
   */
  followAll(options: FollowOptions<bigint> & RunsFilter): AsyncIterable<RunsItem>;
}

export const LIVE_TIMELINE = Symbol('LiveTimeline');
