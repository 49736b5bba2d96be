/** A field of a protobuf message as it stands on the wire. */
export interface WireField {
  readonly number: number;
  /** Of a varint. */
  readonly value?: bigint;
  /** Of a string, bytes or a message. */
  readonly bytes?: Buffer;
  /** The whole field, with its tag. */
  readonly raw: Buffer;
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
    const start = at;
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case VARINT:
        yield { number, value: varint(), raw: message.subarray(start, at) };
        break;
      case DELIMITED: {
        const length = Number(varint());
        at += length;
        yield { number, bytes: message.subarray(at - length, at), raw: message.subarray(start, at) };
        break;
      }
      case FIXED_64:
        at += 8;
        yield { number, raw: message.subarray(start, at) };
        break;
      case FIXED_32:
        at += 4;
        yield { number, raw: message.subarray(start, at) };
        break;
      default:
        return;
    }
  }
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 0x80);
  }
}

/**
 * A message in which a field that holds a message stands once. Where it is sent in several parts, protobuf means all of them together, and the generated
 * code keeps the last one only.
 */
export function merged(message: Buffer, number: number): Buffer {
  const fields = [...fieldsOf(message)];
  const parts = fields.flatMap((field) => (field.number === number && field.bytes ? [field.bytes] : []));
  if (parts.length < 2) return message;
  const whole = Buffer.concat(parts);
  const others = fields.filter((field) => field.number !== number).map(({ raw }) => raw);
  return Buffer.concat([varintOf((number << 3) | DELIMITED), varintOf(whole.length), whole, ...others]);
}
