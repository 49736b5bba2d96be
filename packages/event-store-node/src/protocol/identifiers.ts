import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { TOMBSTONE_REVISION } from '../log/event-record.js';
import { uuidBytes, uuidText } from '../log/uuid.js';

const LARGEST_LONG = 2n ** 63n - 1n;
const LARGEST_ULONG = 2n ** 64n - 1n;
export const LARGEST_LONG_TEXT = String(LARGEST_LONG);
export const LARGEST_ULONG_TEXT = String(LARGEST_ULONG);

export const streamName = (identifier: StreamIdentifier): string => Buffer.from(identifier.getStreamName_asU8()).toString('utf8');

export function identifierOf(stream: string): StreamIdentifier {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream, 'utf8'));
  return identifier;
}

/** The 16 bytes of a UUID. @throws RangeError where it is absent, or no UUID. */
export function idBytes(uuid: UUID | undefined): Buffer {
  const structured = uuid?.getStructured();
  if (!structured) return uuidBytes(uuid?.getString() ?? '');
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeBigInt64BE(BigInt(structured.getMostSignificantBits()), 0);
  bytes.writeBigInt64BE(BigInt(structured.getLeastSignificantBits()), 8);
  return bytes;
}

export function uuidMessage(bytes: Buffer, asString: boolean): UUID {
  const uuid = new sharedPb.UUID();
  if (asString) return uuid.setString(uuidText(bytes));
  const structured = new sharedPb.UUID.Structured();
  structured.setMostSignificantBits(bytes.readBigInt64BE(0).toString());
  structured.setLeastSignificantBits(bytes.readBigInt64BE(8).toString());
  return uuid.setStructured(structured);
}

/** A revision as the protocol writes it. */
export const revisionText = (revision: number): string => (revision === TOMBSTONE_REVISION ? LARGEST_LONG_TEXT : String(revision));

/**
 * An unsigned 64-bit revision or position as a number: what lies beyond 2^53 becomes Infinity, 2^64 − 1 stands for the end.
 *
 * @throws RangeError beyond the signed 64-bit range.
 */
export function parseUnsigned(decimal: string): number | 'end' {
  const value = BigInt(decimal);
  if (value === LARGEST_ULONG) return 'end';
  if (value > LARGEST_LONG) throw new RangeError('Specified argument was out of the range of valid values.');
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}
