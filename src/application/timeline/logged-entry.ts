import { timelineEntry, type TimelineEntry } from '../../domain/workflow/timeline.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';

/** A timeline entry with its run and with the log position of its event. */
export interface LoggedEntry extends TimelineEntry {
  readonly workflowId: number;
  readonly position: bigint;
}

/** The timeline entry of a stored event; undefined where people need not see it, or where it is not about a run. @throws NewerEvent */
export function loggedEntryOf(recorded: RecordedEvent): LoggedEntry | undefined {
  const event = workflowEventOf(recorded);
  const entry = event && timelineEntry(event, recorded.revision);
  return entry && { ...entry, workflowId: event.data.workflowId, position: recorded.position };
}
