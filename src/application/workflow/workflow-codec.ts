import type { JsonObject } from '../../domain/json.js';
import { WORKFLOW_EVENT_TYPES, type WorkflowEvent, type WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { EventMetadata, NewEvent, RecordedEvent } from '../ports/event-log.js';

export const WORKFLOW_STREAM_PREFIX = 'workflow-';

export const workflowStream = (workflowId: number): string => `${WORKFLOW_STREAM_PREFIX}${workflowId}`;

const STREAM = /^workflow-([1-9][0-9]{0,15})$/;

/** The run a stream belongs to; undefined for other streams. */
export function workflowIdOf(streamId: string): number | undefined {
  const digits = STREAM.exec(streamId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const KNOWN = new Set<string>(WORKFLOW_EVENT_TYPES);

/** A stored event as a fact about a run; undefined for what is none (another stream, or a type of a newer version of the engine). */
export function workflowEventOf(recorded: RecordedEvent): WorkflowEvent | undefined {
  if (!KNOWN.has(recorded.type) || workflowIdOf(recorded.streamId) === undefined) return undefined;
  return { type: recorded.type as WorkflowEventType, data: recorded.data } as unknown as WorkflowEvent;
}

export const newEventOf = (event: WorkflowEvent, id: string, metadata: EventMetadata): NewEvent => ({
  id,
  type: event.type,
  data: event.data as unknown as JsonObject,
  metadata,
});
