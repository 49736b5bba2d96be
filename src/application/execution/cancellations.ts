import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { BackgroundLoops } from '../background-loops.js';
import { FollowedStreams } from '../followed-streams.js';
import { nameNewer } from '../newer-event.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { WORKFLOW_STREAM_PREFIX, workflowEventOf } from '../workflow/workflow-codec.js';

/** What tells an attempt in flight to stop. */
const STOPPING: ReadonlySet<string> = new Set<WorkflowEventType>(['WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed']);

/** Tells of runs that are stopped, whichever process stops them. */
export class Cancellations {
  private readonly streams: FollowedStreams;

  constructor(
    feed: EventFeed,
    private readonly onStopped: (workflowId: number) => void,
    private readonly loops: BackgroundLoops,
  ) {
    const take = (recorded: RecordedEvent): void => this.take(recorded);
    this.streams = new FollowedStreams(feed, loops, { streamPrefix: WORKFLOW_STREAM_PREFIX, loop: 'listening to cancellations', take });
  }

  /** @param after log position after which cancellations are told */
  listen(after: bigint): void {
    this.streams.follow(after);
  }

  close(): Promise<void> {
    return this.streams.close();
  }

  /** A run with an event that is not understood may have been stopped or not: its attempts go on, for their outcomes are wanted either way, and it is named. */
  private take(recorded: RecordedEvent): void {
    try {
      const event = workflowEventOf(recorded);
      if (event && STOPPING.has(event.type)) this.onStopped(event.data.workflowId);
    } catch (fault) {
      if (!nameNewer(fault, this.loops)) throw fault;
    }
  }
}
