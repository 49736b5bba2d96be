import { uuidBytes, uuidText, type EventRecord, type ProposedEvent } from '@lifeos/event-store-node';
import { dataTextOf, type EventMetadata, type NewEvent, type RecordedEvent } from '../../../application/ports/event-log.js';
import type { JsonObject } from '../../../domain/json.js';

type Content = Pick<RecordedEvent, 'data' | 'metadata'>;

export type EventToAppend = Omit<NewEvent, 'metadata'> & Partial<Pick<NewEvent, 'metadata'>>;

const NOTHING = Buffer.alloc(0);

/**
 * Records of the log as events of the engine, each made once for all that look at it. The log hands out what was lately appended with the very buffers that it was
 * given: what this process has just encoded is not decoded again.
 */
export class RecordedEvents {
  readonly #encoded = new WeakMap<Buffer, Content>();
  /** Events of one decision have the same metadata. */
  readonly #metadata = new WeakMap<object, Buffer>();
  readonly #made = new WeakMap<EventRecord, RecordedEvent>();

  /** What the log is to be given for an event. */
  proposed(event: EventToAppend): ProposedEvent {
    const { id, type, data, metadata } = event;
    const bytes = Buffer.from(dataTextOf(data));
    this.#encoded.set(bytes, { data, metadata: metadata ?? {} });
    return { id: uuidBytes(id), type, isJson: true, data: bytes, metadata: metadata ? this.#metadataBytes(metadata) : NOTHING };
  }

  #metadataBytes(metadata: EventMetadata): Buffer {
    let bytes = this.#metadata.get(metadata);
    if (!bytes) this.#metadata.set(metadata, (bytes = Buffer.from(JSON.stringify(metadata))));
    return bytes;
  }

  /** What is not JSON was not written by the engine: it keeps its place and its type, and its data are empty. */
  of(record: EventRecord): RecordedEvent {
    const known = this.#made.get(record);
    if (known) return known;
    const { data, metadata } = this.#encoded.get(record.data) ?? contentOf(record);
    const event: RecordedEvent = {
      id: uuidText(record.id),
      streamId: record.stream,
      revision: record.revision,
      position: BigInt(record.position),
      type: record.type,
      data,
      metadata,
    };
    this.#made.set(record, event);
    return event;
  }
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
