import type { EventFeed, FeedSubscription } from '../../../application/ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../../../application/ports/event-log.js';
import type { LiveTimeline } from '../../../application/ports/live-timeline.js';
import type { Logger } from '../../../application/ports/logger.js';
import { loggedEntryOf, type LoggedEntry } from '../../../application/timeline/logged-entry.js';
import { WORKFLOW_STREAM_PREFIX, workflowStream } from '../../../application/workflow/workflow-codec.js';
import { isFinalEventType, type WorkflowEventType } from '../../../domain/workflow/events/workflow-events.js';
import { DomainError } from '../../../domain/workflow/workflow.errors.js';
import { TimelineBuffer } from './timeline-buffer.js';

export interface FollowOptions {
  readonly after?: number;
  readonly signal: AbortSignal;
}

const DEFAULT_BUFFERED_EVENTS = 256;
const SUBMITTED: WorkflowEventType = 'WorkflowSubmitted';

/**
 * Live timelines of any number of followers over one subscription of the process. A follower registers before it reads the log, so an event it does not find
 * there comes live; what it gets twice it knows by the revision, and a hole in the revisions sends it back to the log.
 */
export class EventFeedLiveTimeline implements LiveTimeline {
  readonly #followers = new Map<string, Set<TimelineBuffer>>();
  #subscription: FeedSubscription | undefined;
  #fanOut: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly feed: EventFeed,
    private readonly logger: Logger,
    private readonly bufferedEvents = DEFAULT_BUFFERED_EVENTS,
  ) {}

  /** To be awaited before anybody follows. @throws EventLogUnavailable */
  async start(): Promise<void> {
    // A definite position: whatever is appended from here on is delivered, over any reconnects.
    const head = await this.log.headPosition();
    this.#subscription = this.feed.subscribe({ from: { after: head }, streamPrefix: WORKFLOW_STREAM_PREFIX });
    this.#fanOut = this.#fanOutFrom(this.#subscription);
  }

  /** Ends all followers. */
  async stop(): Promise<void> {
    this.#finishAll();
    await this.#subscription?.close();
    await this.#fanOut;
  }

  async *follow(workflowId: number, { after, signal }: FollowOptions): AsyncGenerator<LoggedEntry, void> {
    if (signal.aborted || this.#stopped) return;
    const streamId = workflowStream(workflowId);
    const buffer = new TimelineBuffer(this.bufferedEvents);
    const finish = () => buffer.finish();
    signal.addEventListener('abort', finish, { once: true });
    this.#register(streamId, buffer);
    try {
      let last = after ?? -1;
      let submitted = after !== undefined && (await this.#isSubmitted(streamId, buffer));
      if (after !== undefined && submitted && (await this.#isOverAt(streamId, after))) return;
      while (!buffer.over) {
        buffer.listenAgain();
        for await (const event of buffer.untilOver(this.log.readStream(streamId, { from: last + 1 }))) {
          submitted ||= event.type === SUBMITTED;
          last = event.revision;
          yield* entryOf(event);
          if (isFinalEventType(event.type)) return;
        }
        // Parts of a plan may lie before the submission; a run that has nothing else was never submitted.
        if (!submitted && !buffer.over) throw new DomainError('workflow.not-found', `no workflow ${workflowId}`);
        for (;;) {
          const next = await buffer.next();
          if (next.kind === 'over') return;
          if (next.kind === 'missed' || next.event.revision > last + 1) break;
          if (next.event.revision <= last) continue;
          last = next.event.revision;
          yield* entryOf(next.event);
          if (isFinalEventType(next.event.type)) return;
        }
      }
    } finally {
      signal.removeEventListener('abort', finish);
      this.#unregister(streamId, buffer);
    }
  }

  async #isSubmitted(streamId: string, buffer: TimelineBuffer): Promise<boolean> {
    for (const limit of [1, Number.MAX_SAFE_INTEGER]) {
      for await (const { type } of buffer.untilOver(this.log.readStream(streamId, { limit }))) if (type === SUBMITTED) return true;
    }
    return false;
  }

  /** True if the run's final event is not after the revision: nothing is ever to come. */
  async #isOverAt(streamId: string, revision: number): Promise<boolean> {
    const last = await this.log.readLast(streamId);
    return last !== undefined && last.revision <= revision && isFinalEventType(last.type);
  }

  async #fanOutFrom(subscription: FeedSubscription): Promise<void> {
    try {
      for await (const item of subscription) {
        if (item.kind !== 'event') continue;
        for (const buffer of this.#followers.get(item.event.streamId) ?? []) buffer.offer(item.event);
      }
      if (!this.#stopped) this.logger.warn('live timelines ended: the feed was closed');
    } catch (fault) {
      this.logger.error('live timelines ended: the feed broke', fault);
    }
    this.#finishAll(); // followers come back to a working engine, or nowhere
  }

  #finishAll(): void {
    this.#stopped = true;
    for (const buffers of this.#followers.values()) for (const buffer of buffers) buffer.finish();
  }

  #register(streamId: string, buffer: TimelineBuffer): void {
    const buffers = this.#followers.get(streamId);
    if (buffers) buffers.add(buffer);
    else this.#followers.set(streamId, new Set([buffer]));
  }

  #unregister(streamId: string, buffer: TimelineBuffer): void {
    const buffers = this.#followers.get(streamId);
    buffers?.delete(buffer);
    if (buffers?.size === 0) this.#followers.delete(streamId);
  }
}

function* entryOf(recorded: RecordedEvent): Generator<LoggedEntry, void> {
  const entry = loggedEntryOf(recorded);
  if (entry) yield entry;
}
