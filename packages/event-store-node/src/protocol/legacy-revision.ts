import type { AppendResp } from '@eventstore/db-client/generated/streams_pb.js';

// Field 2 of AppendResp is WrongExpectedVersion; field 3 of that, expected_revision_20_6_0, is an unsigned varint.
const TAG_WRONG_EXPECTED_VERSION = 0x12;
const EXPECTED_REVISION_2060_LARGEST = Uint8Array.of(0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);

/**
 * Adds "no stream" as clients of 20.6 expect it: 2^64 − 1 in a field that the generated code writes from a JavaScript
 * number, which has no such value. So the message is put together by hand.
 */
export function withLargestRevision(response: AppendResp): AppendResp {
  const wrong = response.getWrongExpectedVersion()?.serializeBinary() ?? new Uint8Array();
  const body = Buffer.concat([wrong, EXPECTED_REVISION_2060_LARGEST]);
  const bytes = Buffer.concat([Uint8Array.of(TAG_WRONG_EXPECTED_VERSION), varint(body.length), body]);
  response.serializeBinary = () => bytes;
  return response;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
  return Uint8Array.from(bytes);
}
