import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from '../log/append-decision.js';
import type { ProposedEvent } from '../log/event-record.js';
import { idBytes, parseUnsigned } from './identifiers.js';

/** Bytes of one append. */
export const MAX_APPEND_SIZE = 1024 * 1024;
/** Events of one append: those without data have no bytes to count. */
const MAX_APPEND_EVENTS = 100_000;

export const isTooLarge = (size: number, events: number): boolean => size > MAX_APPEND_SIZE || events > MAX_APPEND_EVENTS;

export const sizeOf = (event: ProposedEvent): number => event.data.length + event.metadata.length;

export class MissingMetadataError extends Error {
  override readonly name = 'MissingMetadataError';
}

/**
 * @throws MissingMetadataError without type or content type
 * @throws RangeError for an empty type, or an id that is none
 */
export function proposedEvent(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (type === undefined || contentType === undefined) {
    throw new MissingMetadataError(`Required Metadata Property '${type === undefined ? 'type' : 'content-type'}' is missing`);
  }
  const id = idBytes(message.getId());
  if (id.every((byte) => byte === 0)) throw new RangeError("Empty eventId provided. (Parameter 'eventId')");
  if (type === '') throw new RangeError("Empty eventType provided. (Parameter 'eventType')");
  return { id, type, isJson: contentType === 'application/json', data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
}

/** An expected revision beyond 2^53 is none that a stream can have. @throws RangeError beyond the signed 64-bit range. */
export function expectedRevision(decimal: string): Expectation {
  const revision = parseUnsigned(decimal);
  return revision === 'end' ? 'no_stream' : revision;
}

/** Names to which nothing can be written. */
export const isWritable = (stream: string): boolean => stream !== '' && stream !== '$$';
