import { uuidBytes, uuidText, type EventRecord, type ProposedEvent } from '@lifeos/event-store-node';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../../application/ports/event-log.js';
import type { JsonObject } from '../../../domain/json.js';

export type EventToAppend = Omit<NewEvent, 'metadata'> & Partial<Pick<NewEvent, 'metadata'>>;

type Content = Pick<RecordedEvent, 'data' | 'metadata'>;

/** What is attached to a record: what was encoded into it, until it is looked at; then the event that everybody who looks is given. */
class Encoded {
  constructor(readonly content: Content) {}
}

const NOTHING = Buffer.alloc(0);

/** What the log is to be given for events of one append. What this process encodes here it need not decode again. */
export function proposedEvents(events: readonly EventToAppend[]): readonly ProposedEvent[] {
  let lastMetadata: EventMetadata | undefined;
  let bytes = NOTHING;
  return events.map(({ id, type, data, text = JSON.stringify(data), metadata }) => {
    // Events of one decision have the same metadata.
    if (metadata !== lastMetadata) bytes = metadata ? Buffer.from(JSON.stringify(metadata)) : NOTHING;
    lastMetadata = metadata;
    const attachment = new Encoded({ data, metadata: metadata ?? {} });
    return { id: uuidBytes(id), type, isJson: true, data: Buffer.from(text), metadata: bytes, attachment };
  });
}

/** A record as an event of the engine. What is not JSON was not written by the engine: it keeps its place and its type, and its data are empty. */
export function recordedEvent(record: EventRecord): RecordedEvent {
  const { attachment } = record;
  if (attachment !== undefined && !(attachment instanceof Encoded)) return attachment as RecordedEvent;
  const { data, metadata } = attachment?.content ?? contentOf(record);
  const event: RecordedEvent = {
    id: uuidText(record.id),
    streamId: record.stream,
    revision: record.revision,
    position: BigInt(record.position),
    type: record.type,
    data,
    metadata,
  };
  record.attachment = event;
  return event;
}

const contentOf = ({ isJson, data, metadata }: EventRecord): Content => ({
  data: isJson ? objectIn(data) : {},
  metadata: objectIn(metadata),
});

function objectIn(bytes: Buffer): JsonObject {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {}; // written by somebody else
  }
}
