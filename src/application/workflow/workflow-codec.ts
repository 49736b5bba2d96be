import type { JsonObject } from '../../domain/json.js';
import { WORKFLOW_EVENT_TYPES, type WorkflowEvent, type WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import { upcast } from './upcast.js';
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

/** Version of the shape of the events that this engine writes … */
export const SCHEMA_VERSION = 1;
/** … but for what an engine that does not understand it must not pass over: that a run is a shadow, and calls no tool. The latest version that it reads. */
const SHADOW_VERSION = 2;

export const schemaVersionOf = (event: WorkflowEvent): number =>
  event.type === 'WorkflowSubmitted' && event.data.fork ? SHADOW_VERSION : SCHEMA_VERSION;

/** A newer version of the engine has written to the run: what it is now cannot be known here, and nothing must be decided about it. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';
  constructor({ revision, streamId, type, metadata: { schemaVersion } }: RecordedEvent) {
    const what = `${type}, schema version ${schemaVersion}`;
    super(`Event ${revision} of ${streamId} (${what}) was written by a newer version of the engine: update this one.`);
  }
}

/** A stored event as a fact about a run; undefined for what is none (another stream, or a type of a newer version of the engine). */
export function workflowEventOf(recorded: RecordedEvent): WorkflowEvent | undefined {
  if (!KNOWN.has(recorded.type) || workflowIdOf(recorded.streamId) === undefined) return undefined;
  return upcast({ type: recorded.type as WorkflowEventType, data: recorded.data } as unknown as WorkflowEvent);
}

/** The same, for those who rest on every fact about the run. What is not the engine's own has no schema version, and is passed over. @throws NewerEvent */
export function everyWorkflowEventOf(recorded: RecordedEvent): WorkflowEvent | undefined {
  const { schemaVersion } = recorded.metadata;
  if (schemaVersion !== undefined && (schemaVersion > SHADOW_VERSION || !KNOWN.has(recorded.type))) throw new NewerEvent(recorded);
  return workflowEventOf(recorded);
}

export const newEventOf = (event: WorkflowEvent, id: string, metadata: EventMetadata): NewEvent => ({
  id,
  type: event.type,
  data: event.data as unknown as JsonObject,
  text: JSON.stringify(event.data),
  metadata,
});
