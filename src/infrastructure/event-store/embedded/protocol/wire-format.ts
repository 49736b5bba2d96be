/** A field of a protobuf message as it stands on the wire. */
export interface WireField {
  readonly number: number;
  /** Of a varint. */
  readonly value?: bigint;
  /** Of a string, bytes or a message. */
  readonly bytes?: Buffer;
}

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

/** Walks the fields of a message that the generated code has already found to be one. */
export function* fieldsOf(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case VARINT:
        yield { number, value: varint() };
        break;
      case DELIMITED: {
        const length = Number(varint());
        yield { number, bytes: message.subarray(at, at + length) };
        at += length;
        break;
      }
      case FIXED_64:
        at += 8;
        break;
      case FIXED_32:
        at += 4;
        break;
      default:
        return;
    }
  }
}
