import type { EventFeed } from '../../../application/ports/event-feed.js';
import type { EventLog, EventLogSilence } from '../../../application/ports/event-log.js';

/** An event store in use, whichever way it is reached. */
export interface EventStoreConnection {
  readonly log: EventLog;
  readonly feed: EventFeed;
  /** Of the log. */
  readonly silence: EventLogSilence;
  /**
   * Waits until the store has answered once, for `waitMs` milliseconds, or for ever: with the position of the log's head.
   * @throws EventLogUnavailable if it refuses for good, if it does not answer in time, or once the connection is closed
   */
  firstAnswer(waitMs?: number): Promise<bigint>;
  /** Ends all subscriptions and waiting at once, refuses further calls and frees the connections. */
  close(): Promise<void>;
}
