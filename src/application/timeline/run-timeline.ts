import { isAtEnd } from '../../domain/workflow/events/workflow-events.js';
import type { EventLog, RecordedEvent } from '../ports/event-log.js';
import type { FollowOptions } from '../ports/live-timeline.js';
import { workflowNotFound } from '../queries/workflow-not-found.js';
import { SUBMITTED, submissionOf } from '../workflow/submission.js';
import { workflowStream } from '../workflow/workflow-codec.js';
import type { FinalEntries } from './final-entries.js';
import type { LiveEvents } from './live-events.js';
import { loggedEntryOf, type LoggedEntry } from './logged-entry.js';
import { TimelineBuffer } from './timeline-buffer.js';

/**
 * One run's timeline, live. A follower listens before it reads the log, so an event it does not find there comes live; what it gets twice it knows by the
 * revision, and a hole in the revisions sends it back to the log.
 */
export class RunTimeline {
  constructor(
    private readonly log: EventLog,
    private readonly live: LiveEvents,
    private readonly finals: FinalEntries,
    private readonly bufferedEvents: number,
  ) {}

  async *follow(workflowId: number, { after, signal }: FollowOptions<number>): AsyncGenerator<LoggedEntry, void> {
    if (signal.aborted || this.live.stopped) return;
    const streamId = workflowStream(workflowId);
    const buffer = new TimelineBuffer(this.bufferedEvents);
    const finish = () => buffer.finish();
    signal.addEventListener('abort', finish, { once: true });
    const silence = this.live.listen({ streamId }, buffer);
    try {
      let last = after ?? -1;
      let submitted = after !== undefined && (await buffer.orOver(submissionOf(this.log, workflowId))) !== undefined;
      if (after !== undefined && submitted && (await this.#isOverAt(streamId, after))) return;
      while (!buffer.over) {
        buffer.listenAgain();
        for await (const event of buffer.untilOver(this.log.readStream(streamId, { from: last + 1 }))) {
          submitted ||= event.type === SUBMITTED;
          last = event.revision;
          const told = this.#told(event, buffer);
          const entry = told instanceof Promise ? await told : told;
          if (entry) yield entry;
          if (isAtEnd(event)) return;
        }
        // Parts of a plan may lie before the submission; a run that has nothing else was never submitted.
        if (!submitted && !buffer.over) throw workflowNotFound(workflowId);
        for (;;) {
          const next = buffer.take() ?? (await buffer.next());
          if (next.kind === 'over') return;
          if (next.kind === 'missed' || next.event.revision > last + 1) break;
          if (next.event.revision <= last) continue;
          last = next.event.revision;
          const told = this.#told(next.event, buffer);
          const entry = told instanceof Promise ? await told : told;
          if (entry) yield entry;
          if (isAtEnd(next.event)) return;
        }
      }
    } finally {
      signal.removeEventListener('abort', finish);
      silence();
    }
  }

  /** The entry of an event, once it may be told: at once for most. Undefined where there is none, and for one that was ended while it waited. */
  #told(event: RecordedEvent, buffer: TimelineBuffer): LoggedEntry | undefined | Promise<LoggedEntry | undefined> {
    const entry = loggedEntryOf(event);
    const held = entry && this.finals.holdBack(entry);
    return held ? buffer.orOver(held).then(() => (buffer.over ? undefined : entry)) : entry;
  }

  /** True if the run's final event is not after the revision: nothing is ever to come. */
  async #isOverAt(streamId: string, revision: number): Promise<boolean> {
    const last = await this.log.readLast(streamId);
    return last !== undefined && last.revision <= revision && isAtEnd(last);
  }
}
