import type { AllStreamRecordedEvent, RecordedEvent as StoredEvent } from '@eventstore/db-client';
import type { EventMetadata, RecordedEvent } from '../../../application/ports/event-log.js';
import type { JsonObject } from '../../../domain/json.js';

/**
 * An event as the engine knows it. `commitPosition` is that of the answer around the event, for servers that do not repeat it in the event. What is not JSON
 * was not written by the engine: it keeps its place and its type, and its data are empty.
 */
export function toRecordedEvent(stored: StoredEvent | AllStreamRecordedEvent, commitPosition?: bigint): RecordedEvent {
  return {
    id: stored.id,
    streamId: stored.streamId,
    revision: Number(stored.revision),
    position: stored.position?.commit ?? commitPosition ?? 0n,
    type: stored.type,
    data: isObject(stored.data) ? (stored.data as JsonObject) : {},
    metadata: isObject(stored.metadata) ? (stored.metadata as Partial<EventMetadata>) : {},
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
