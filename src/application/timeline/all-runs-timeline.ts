import type { WorkflowEvent } from '../../domain/workflow/events/workflow-events.js';
import { ConcurrencyLimit } from '../concurrency-limit.js';
import type { EventFeed } from '../ports/event-feed.js';
import { EventLogUnavailable, type RecordedEvent } from '../ports/event-log.js';
import type { FollowOptions, RunsFilter, RunsItem } from '../ports/live-timeline.js';
import { WORKFLOW_STREAM_PREFIX, workflowEventOf } from '../workflow/workflow-codec.js';
import type { FinalEntries } from './final-entries.js';
import type { LiveEvents } from './live-events.js';
import { loggedEntryOf, type LoggedEntry } from './logged-entry.js';
import type { RunOwners } from './run-owners.js';
import { TimelineBuffer } from './timeline-buffer.js';

/**
 * Readings of the log under way at once. Event stores serve a connection only so many calls at once, and after a restart everybody comes back at the same
 * time. Nobody keeps a place while its client takes what was read, so a slow one holds up no other.
 */
const READINGS_AT_ONCE = 8;

/** What was read of the log, and up to where. */
interface LogPage {
  readonly entries: readonly LoggedEntry[];
  readonly position: bigint;
}

/** The timeline of all runs, live. Who lags behind what is kept of the live events reads the log, page by page, up to where they begin again. */
export class AllRunsTimeline {
  readonly #readings = new ConcurrencyLimit(READINGS_AT_ONCE);

  constructor(
    private readonly feed: EventFeed,
    private readonly live: LiveEvents,
    private readonly finals: FinalEntries,
    private readonly owners: RunOwners,
    private readonly bufferedEvents: number,
  ) {}

  async *follow({ after, signal, ...filter }: FollowOptions<bigint> & RunsFilter): AsyncGenerator<RunsItem, void> {
    if (signal.aborted || this.live.stopped) return;
    const buffer = new TimelineBuffer(this.bufferedEvents);
    const finish = () => buffer.finish();
    signal.addEventListener('abort', finish, { once: true });
    const silence = this.live.listen('all-runs', buffer);
    let last = after ?? this.live.position;
    try {
      yield { kind: 'position', position: last };
      while (!buffer.over) {
        buffer.listenAgain();
        const liveFrom = this.live.position;
        while (last < liveFrom && !buffer.over) {
          const { entries, position } = await this.#read(last, liveFrom, filter, buffer, signal);
          for (const entry of entries) yield* this.#tell(entry, buffer);
          last = position;
          if (!buffer.over && entries.at(-1)?.position !== last) yield { kind: 'position', position: last };
        }
        let passedOver = 0;
        for (;;) {
          const next = await buffer.next();
          if (next.kind === 'over') return;
          if (next.kind === 'missed') break;
          if (next.event.position <= last) continue;
          last = next.event.position;
          const entry = await buffer.orOver(this.#selected(next.event, filter));
          passedOver = entry ? 0 : passedOver + 1;
          if (entry) yield* this.#tell(entry, buffer);
          else if (passedOver % this.bufferedEvents === 0) yield { kind: 'position', position: last };
        }
      }
    } finally {
      signal.removeEventListener('abort', finish);
      silence();
    }
  }

  async *#tell(entry: LoggedEntry, buffer: TimelineBuffer): AsyncGenerator<RunsItem, void> {
    const held = this.finals.holdBack(entry);
    if (held) await buffer.orOver(held);
    if (!buffer.over) yield { kind: 'entry', entry };
  }

  /** Entries after the position, as many as are kept for a follower at most; none after `upTo`. */
  async #read(after: bigint, upTo: bigint, filter: RunsFilter, buffer: TimelineBuffer, signal: AbortSignal): Promise<LogPage> {
    if (!(await this.#readings.enter(signal))) return { entries: [], position: after };
    const subscription = this.feed.subscribe({ from: { after }, streamPrefix: WORKFLOW_STREAM_PREFIX });
    const entries: LoggedEntry[] = [];
    let position = after;
    try {
      for await (const item of buffer.untilOver(subscription)) {
        // The subscription began after the live events did: all up to there has been delivered.
        if (item.kind === 'caught-up') return { entries, position: upTo };
        for (const event of item.kind === 'events' ? item.events : []) {
          if (event.position > upTo) return { entries, position: upTo };
          const entry = await this.#selected(event, filter);
          if (entry) entries.push(entry);
          position = event.position;
          if (position === upTo || entries.length === this.bufferedEvents) return { entries, position };
        }
        if (item.kind === 'events') continue;
        if (item.position >= upTo) return { entries, position: upTo };
        position = item.position;
      }
    } finally {
      await subscription.close();
      this.#readings.leave();
    }
    if (!buffer.over) throw new EventLogUnavailable('the log was closed while it was read');
    return { entries: [], position: after };
  }

  async #selected(recorded: RecordedEvent, { userId, types }: RunsFilter): Promise<LoggedEntry | undefined> {
    const event: WorkflowEvent | undefined = workflowEventOf(recorded);
    if (event?.type === 'WorkflowSubmitted') this.owners.remember(event.data.workflowId, event.data.userId);
    const entry = loggedEntryOf(recorded);
    if (!entry || (types && !types.has(entry.type))) return undefined;
    return userId === undefined || (await this.owners.ownerOf(entry.workflowId)) === userId ? entry : undefined;
  }
}
