import type { EventFeed } from '../ports/event-feed.js';
import type { EventLog } from '../ports/event-log.js';
import type { FollowOptions, LiveTimeline, RunsFilter, RunsItem } from '../ports/live-timeline.js';
import type { BackgroundLoops } from '../background-loops.js';
import type { Logger } from '../ports/logger.js';
import type { ReadModelProgress } from '../ports/read-models.js';
import { LONGEST_WAIT_MS } from '../queries/freshness.js';
import { AllRunsTimeline } from './all-runs-timeline.js';
import { FinalEntries } from './final-entries.js';
import { LiveEvents } from './live-events.js';
import type { LoggedEntry } from './logged-entry.js';
import { RunOwners } from './run-owners.js';
import { RunTimeline } from './run-timeline.js';

/** Events kept for a follower that is slow, where nothing else is said. */
const BUFFERED_EVENTS = 256;

export interface LiveTimelineSettings {
  /** Events kept for a follower that is slow. */
  readonly bufferedEvents?: number;
  /** How long a final entry waits for the read models, in milliseconds. */
  readonly longestWaitMs?: number;
}

/** Live timelines of any number of followers over one subscription of the process. */
export class EventFeedLiveTimeline implements LiveTimeline {
  readonly #live: LiveEvents;
  readonly #finals: FinalEntries;
  readonly #ofRun: RunTimeline;
  readonly #ofAllRuns: AllRunsTimeline;

  constructor(
    log: EventLog,
    feed: EventFeed,
    progress: ReadModelProgress,
    logger: Logger,
    loops: BackgroundLoops,
    { bufferedEvents = BUFFERED_EVENTS, longestWaitMs = LONGEST_WAIT_MS }: LiveTimelineSettings = {},
  ) {
    this.#finals = new FinalEntries(progress, logger, longestWaitMs);
    this.#live = new LiveEvents(log, feed, loops);
    this.#ofRun = new RunTimeline(log, this.#live, this.#finals, bufferedEvents);
    this.#ofAllRuns = new AllRunsTimeline(feed, this.#live, this.#finals, new RunOwners(log), bufferedEvents);
  }

  /** To be awaited before anybody follows. @throws EventLogUnavailable */
  start(): Promise<void> {
    return this.#live.start();
  }

  /** Ends all followers. */
  stop(): Promise<void> {
    this.#finals.stop();
    return this.#live.stop();
  }

  follow(workflowId: number, options: FollowOptions<number>): AsyncGenerator<LoggedEntry, void> {
    return this.#ofRun.follow(workflowId, options);
  }

  followAll(options: FollowOptions<bigint> & RunsFilter): AsyncGenerator<RunsItem, void> {
    return this.#ofAllRuns.follow(options);
  }
}
