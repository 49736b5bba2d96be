import type { JsonObject } from '../../domain/json.js';
import { WORKFLOW_EVENT_TYPES, type WorkflowEvent, type WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import { upcast } from './upcast.js';
import { isReadable, type Labelled, type ReadableShapes } from '../newer-event.js';
import type { EventMetadata, NewEvent, RecordedEvent } from '../ports/event-log.js';

export const WORKFLOW_STREAM_PREFIX = 'workflow-';

export const workflowStream = (workflowId: number): string => `${WORKFLOW_STREAM_PREFIX}${workflowId}`;

const STREAM = /^workflow-([1-9][0-9]{0,15})$/;

/** The run a stream belongs to; undefined for other streams. */
export function workflowIdOf(streamId: string): number | undefined {
  const digits = STREAM.exec(streamId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Version of the shape of the events that this engine writes … */
export const SCHEMA_VERSION = 1;
/** … but for what an engine that does not understand it must not pass over: that a run is a shadow, and calls no tool. */
const SHADOW_VERSION = 2;

export const schemaVersionOf = (event: WorkflowEvent): number =>
  event.type === 'WorkflowSubmitted' && event.data.fork ? SHADOW_VERSION : SCHEMA_VERSION;

export const WORKFLOW_SHAPES: ReadableShapes = new Map(
  WORKFLOW_EVENT_TYPES.map((type) => [type, type === 'WorkflowSubmitted' ? SHADOW_VERSION : SCHEMA_VERSION]),
);

/** Whether a stored event is a fact about a run. @throws NewerEvent */
export const isAboutRun = (labelled: Labelled): boolean =>
  workflowIdOf(labelled.streamId) !== undefined && isReadable(labelled, WORKFLOW_SHAPES);

/** A stored event as a fact about a run; undefined for what is none: another stream, or not the engine's own. @throws NewerEvent */
export function workflowEventOf(recorded: RecordedEvent): WorkflowEvent | undefined {
  if (!isAboutRun(recorded)) return undefined;
  return upcast({ type: recorded.type as WorkflowEventType, data: recorded.data } as unknown as WorkflowEvent);
}

export const newEventOf = (event: WorkflowEvent, id: string, metadata: EventMetadata): NewEvent => ({
  id,
  type: event.type,
  data: event.data as unknown as JsonObject,
  text: JSON.stringify(event.data),
  metadata,
});
