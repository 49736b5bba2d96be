import { LRUCache } from 'lru-cache';
import { uuidBytes, uuidText, type EventRecord, type ProposedEvent } from '@lifeos/event-store-node';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../../application/ports/event-log.js';
import type { JsonObject } from '../../../domain/json.js';

/** What this process appended lately is not decoded again: as many events, and bytes of them, as the log itself keeps in memory. */
const REMEMBERED = 4_096;
const REMEMBERED_BYTES = 16 * 1024 * 1024;

interface Content {
  readonly data: JsonObject;
  readonly metadata: Partial<EventMetadata>;
  readonly bytes: number;
}

export type EventToAppend = Omit<NewEvent, 'metadata'> & Partial<Pick<NewEvent, 'metadata'>>;

const keyOf = (id: Buffer): string => id.toString('latin1');
const NOTHING = Buffer.alloc(0);

/** Records of the log as events of the engine, each decoded at most once for all that look at it. */
export class RecordedEvents {
  readonly #appended = new LRUCache<string, Content>({
    max: REMEMBERED,
    maxSize: REMEMBERED_BYTES,
    maxEntrySize: REMEMBERED_BYTES,
    sizeCalculation: ({ bytes }) => bytes + 1,
  });
  readonly #decoded = new WeakMap<EventRecord, RecordedEvent>();

  /** What the log is to be given for an event. */
  proposed({ id, type, data, metadata }: EventToAppend): ProposedEvent {
    const proposed = {
      id: uuidBytes(id),
      type,
      isJson: true,
      data: Buffer.from(JSON.stringify(data)),
      metadata: metadata ? Buffer.from(JSON.stringify(metadata)) : NOTHING,
    };
    this.#appended.set(keyOf(proposed.id), { data, metadata: metadata ?? {}, bytes: proposed.data.length + proposed.metadata.length });
    return proposed;
  }

  /** What is not JSON was not written by the engine: it keeps its place and its type, and its data are empty. */
  of(record: EventRecord): RecordedEvent {
    const known = this.#decoded.get(record);
    if (known) return known;
    const { data, metadata } = this.#appended.get(keyOf(record.id)) ?? contentOf(record);
    const event: RecordedEvent = {
      id: uuidText(record.id),
      streamId: record.stream,
      revision: record.revision,
      position: BigInt(record.position),
      type: record.type,
      data,
      metadata,
    };
    this.#decoded.set(record, event);
    return event;
  }
}

const contentOf = ({ isJson, data, metadata }: EventRecord): Pick<Content, 'data' | 'metadata'> => ({
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
