import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { BackgroundLoops } from '../background-loops.js';
import { FollowedStreams } from '../followed-streams.js';
import { nameNewer } from '../newer-event.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';

/** What tells an attempt in flight to stop. */
const STOPPING: readonly WorkflowEventType[] = ['WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed'];

/** Tells of runs that are stopped, whichever process stops them. */
export class Cancellations {
  private readonly streams: FollowedStreams;

  constructor(
    feed: EventFeed,
    private readonly onStopped: (workflowId: number) => void,
    private readonly loops: BackgroundLoops,
  ) {
    const take = (recorded: RecordedEvent): void => this.take(recorded);
    // Nothing else: each node would get all events of all nodes.
    this.streams = new FollowedStreams(feed, loops, { filter: { typePrefix: STOPPING }, loop: 'listening to cancellations', take });
  }

  /** @param after log position after which cancellations are told */
  listen(after: bigint): void {
    this.streams.follow(after);
  }

  close(): Promise<void> {
    return this.streams.close();
  }

  /** A run whose end is told in a way that is not understood is named: its attempts go on, for their outcomes are wanted either way. */
  private take(recorded: RecordedEvent): void {
    try {
      const event = workflowEventOf(recorded);
      if (event && STOPPING.includes(event.type)) this.onStopped(event.data.workflowId);
    } catch (fault) {
      if (!nameNewer(fault, this.loops)) throw fault;
    }
  }
}
