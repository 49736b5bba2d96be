import { crc32 } from 'node:zlib';
import { CorruptLogError } from './log.errors.js';

/** Revision of the `$streamDeleted` event that ends a tombstoned stream; the protocol shows it as 2^63 − 1. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;

/** An event as a caller proposes it. `id` is the 16 bytes of its UUID; `data` and `metadata` are kept as they are. */
export interface ProposedEvent {
  readonly id: Buffer;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** See the record's. */
  readonly attachment?: unknown;
}

/** The same memory as a buffer; the very object where it is one. */
const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * An event in the log. `position` is its place in `$all`: strictly increasing, commit position = prepare position.
 * `created` counts 100-ns ticks since the Unix epoch.
 */
export interface EventRecord {
  readonly position: number;
  /** The next record begins so far behind this one. */
  readonly span: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: Buffer;
  readonly type: string;
  readonly isJson: boolean;
  readonly created: bigint;
  readonly data: Buffer;
  readonly metadata: Buffer;
  /** A place in the log without an event: what an append of no events leaves behind. */
  readonly isFiller: boolean;
  /** Bookkeeping of consumer groups on `$all`, which `$all` itself does not show. */
  readonly isHidden: boolean;
  /** Whatever a user of the log in this process keeps with the record while it is in memory. Not stored. */
  attachment?: unknown;
}

const JSON_FLAG = 1;
const FILLER_FLAG = 2;
const HIDDEN_FLAG = 4;
/** crc32, flags, created, revision, id, length of stream, type, metadata. */
const HEADER = 4 + 1 + 8 + 8 + 16 + 4 + 4 + 4;

export interface RecordFields {
  readonly stream: string;
  readonly revision: number;
  readonly created: bigint;
  readonly event: ProposedEvent;
  readonly isFiller?: boolean;
  readonly isHidden?: boolean;
}

/** The bytes kept in the log. They begin with a checksum of the rest, for LMDB keeps none of its own. */
export function encodeRecord({ stream, revision, created, event, isFiller = false, isHidden = false }: RecordFields): Buffer {
  const streamLength = Buffer.byteLength(stream);
  const typeLength = Buffer.byteLength(event.type);
  const metadataLength = event.metadata.length;
  const bytes = Buffer.allocUnsafe(HEADER + streamLength + typeLength + metadataLength + event.data.length);
  bytes[4] = (event.isJson ? JSON_FLAG : 0) | (isFiller ? FILLER_FLAG : 0) | (isHidden ? HIDDEN_FLAG : 0);
  bytes.writeBigUInt64LE(created, 5);
  bytes.writeDoubleLE(revision, 13);
  bytes.set(event.id, 21);
  bytes.writeUInt32LE(streamLength, 37);
  bytes.writeUInt32LE(typeLength, 41);
  bytes.writeUInt32LE(metadataLength, 45);
  let at = HEADER;
  at += bytes.write(stream, at);
  at += bytes.write(event.type, at);
  bytes.set(event.metadata, at);
  bytes.set(event.data, at + metadataLength);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** The record that decoding the bytes would give: what was just encoded need not be read again. */
export const recordOf = (position: number, bytes: Buffer, fields: RecordFields): EventRecord => ({
  position,
  span: spanOf(bytes),
  stream: fields.stream,
  revision: fields.revision,
  id: fields.event.id,
  type: fields.event.type,
  isJson: fields.event.isJson,
  created: fields.created,
  metadata: bufferOf(fields.event.metadata),
  data: bufferOf(fields.event.data),
  isFiller: fields.isFiller ?? false,
  isHidden: fields.isHidden ?? false,
  attachment: fields.event.attachment,
});

/** @throws CorruptLogError when the bytes are not what was written. */
export function decodeRecord(position: number, bytes: Buffer): EventRecord {
  if (bytes.length < HEADER || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) {
    throw new CorruptLogError(`the record at position ${position} does not match its checksum`);
  }
  const flags = bytes[4] ?? 0;
  const typeAt = HEADER + bytes.readUInt32LE(37);
  const metadataAt = typeAt + bytes.readUInt32LE(41);
  const dataAt = metadataAt + bytes.readUInt32LE(45);
  return {
    position,
    span: spanOf(bytes),
    stream: bytes.toString('utf8', HEADER, typeAt),
    revision: bytes.readDoubleLE(13),
    id: bytes.subarray(21, 37),
    type: bytes.toString('utf8', typeAt, metadataAt),
    isJson: (flags & JSON_FLAG) !== 0,
    created: bytes.readBigUInt64LE(5),
    metadata: bytes.subarray(metadataAt, dataAt),
    data: bytes.subarray(dataAt),
    isFiller: (flags & FILLER_FLAG) !== 0,
    isHidden: (flags & HIDDEN_FLAG) !== 0,
  };
}

/** How far the position moves on behind a record: its size, so that positions tell the size of the log. */
export const spanOf = (bytes: Buffer): number => bytes.length + 16;
