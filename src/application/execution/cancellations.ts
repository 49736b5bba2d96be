import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../message-of.js';
import type { EventFeed, FeedSubscription } from '../ports/event-feed.js';
import type { BackgroundLoops } from '../background-loops.js';
import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import { nameNewer } from '../newer-event.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { WORKFLOW_STREAM_PREFIX, workflowEventOf } from '../workflow/workflow-codec.js';

/** Pause before the feed is subscribed to again after it broke, in milliseconds. */
const PAUSE_MS = 1_000;

/** As it is named where it stands still. */
const LOOP = 'listening to cancellations';

/** What tells an attempt in flight to stop. */
const STOPPING: ReadonlySet<string> = new Set<WorkflowEventType>(['WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed']);

/** Tells of runs that are stopped, whichever process stops them. A broken feed is taken up again where it broke. */
export class Cancellations {
  private readonly closed = new AbortController();
  private subscription: FeedSubscription | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly feed: EventFeed,
    private readonly onStopped: (workflowId: number) => void,
    private readonly loops: BackgroundLoops,
  ) {}

  /** @param after log position after which cancellations are told */
  listen(after: bigint): void {
    this.work = this.run(after);
  }

  async close(): Promise<void> {
    this.closed.abort();
    await this.subscription?.close();
    await this.work;
  }

  private async run(after: bigint): Promise<void> {
    let position = after;
    while (!this.closed.signal.aborted) {
      this.subscription = this.feed.subscribe({ from: { after: position }, streamPrefix: WORKFLOW_STREAM_PREFIX });
      try {
        for await (const item of this.subscription) {
          this.loops.goesOn(LOOP);
          if (item.kind === 'caught-up') continue;
          if (item.kind === 'checkpoint') position = item.position;
          else {
            for (const recorded of item.events) this.take(recorded);
            position = item.events.at(-1)!.position;
          }
        }
        return;
      } catch (error) {
        const reason = messageOf(error);
        this.loops.standsStill(LOOP, reason);
        await delay(PAUSE_MS, undefined, { signal: this.closed.signal }).catch(() => undefined);
      }
    }
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
