import type { JsonObject } from '../../domain/json.js';

/** Metadata of an event. Keys that start with `$` are EventStoreDB's own words. */
export interface EventMetadata {
  /** All events that one run led to share this. */
  readonly $correlationId: string;
  /** Id of the event that led to this one, where one did. */
  readonly $causationId?: string;
  /** Id of the command that decided it. */
  readonly commandId: string;
  readonly actor: Actor;
  /** Version of the shape of `data`, from 1. */
  readonly schemaVersion: number;
}

/** Who caused something: a person by number (as stated, or proven), or a part of the engine. */
export interface Actor {
  readonly kind: 'user' | 'system';
  readonly id: string;
  /** False: the id is what the caller stated. */
  readonly authenticated: boolean;
}

export interface NewEvent {
  /** UUID, minted once per decision and kept over retries: it makes an append idempotent. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  /** The data as JSON, where somebody has encoded them already: they are measured before they are appended. */
  readonly text?: string;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent {
  readonly id: string;
  readonly streamId: string;
  /** Place in the stream, gapless from 0. */
  readonly revision: number;
  /** Place in the whole log (commit position), strictly increasing. */
  readonly position: bigint;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: Partial<EventMetadata>;
}

/** `no-stream`: the stream must not exist. A number: the stream's last event must have that revision. */
export type ExpectedRevision = number | 'no-stream';

export interface AppendResult {
  /** Revision of the last event written. */
  readonly revision: number;
  /** Log position of the last event written. */
  readonly position: bigint;
}

/** Another append came first: read what it wrote and decide again. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  constructor(
    readonly streamId: string,
    readonly expected: ExpectedRevision,
  ) {
    super(`stream ${streamId} is not at revision ${expected}`);
  }
}

/** The event store cannot be reached or answers with a fault. After a failed append nothing is known of its outcome. */
export class EventLogUnavailable extends Error {
  override readonly name = 'EventLogUnavailable';
}

/** The authoritative log of events, in streams. */
export interface EventLog {
  /**
   * Appends all events or none, at exactly the expected revision, and answers once they are durable. Where the outcome of a try is unknown it is
   * repeated with the same ids at the same revision, which writes nothing twice.
   * @throws RevisionConflict, EventLogUnavailable
   */
  append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Events of a stream in order, `from` included; none for a stream that does not exist. Reads on to the end of the stream at call time, or `limit` events. */
  readStream(streamId: string, options?: { readonly from?: number; readonly limit?: number }): AsyncIterable<RecordedEvent>;
  /** The stream's last event, if it has one. */
  readLast(streamId: string): Promise<RecordedEvent | undefined>;
  /** Keeps only the newest `count` events of a stream readable. Idempotent. */
  keepLast(streamId: string, count: number): Promise<void>;
  /** Position of the last event in the log; 0n if there is none. Answers only if the store is reachable. */
  headPosition(): Promise<bigint>;
}

/** Whether the event store answers at all. */
export interface EventLogSilence {
  /** For how long it has left its callers without any answer, in milliseconds; 0 while it answers. */
  silentMs(): number;
}

export const EVENT_LOG = Symbol('EventLog');
export const EVENT_LOG_SILENCE = Symbol('EventLogSilence');
