import { timelineEntry, type TimelineEntry } from '../../domain/workflow/timeline.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';

/** A timeline entry with its run and with the log position of its event. */
export interface LoggedEntry extends TimelineEntry {
  readonly workflowId: number;
  readonly position: bigint;
}

/** Every follower of a run is shown the same entry. */
const entries = new WeakMap<RecordedEvent, { readonly entry: LoggedEntry | undefined }>();

function entryOf(recorded: RecordedEvent): LoggedEntry | undefined {
  const event = workflowEventOf(recorded);
  const entry = event && timelineEntry(event, recorded.revision);
  return entry && { ...entry, workflowId: event.data.workflowId, position: recorded.position };
}

/** The timeline entry of a stored event, the same object each time; undefined where people need not see it, or where it is not about a run. */
export function loggedEntryOf(recorded: RecordedEvent): LoggedEntry | undefined {
  const known = entries.get(recorded);
  if (known) return known.entry;
  const entry = entryOf(recorded);
  entries.set(recorded, { entry });
  return entry;
}
