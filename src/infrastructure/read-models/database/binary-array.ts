/** Types of columns, and their numbers in Postgres' catalogue (pg_type). */
const TYPES = { bigint: 20, integer: 23, text: 25 } as const;
export type ArrayType = keyof typeof TYPES;

/** Dimensions, has nulls, element type; length and lower bound of the one dimension. */
const HEADER = 5 * 4;
const NULL = -1;

function sizeOf(type: ArrayType, values: readonly unknown[]): number {
  let size = HEADER + 4 * values.length;
  for (const value of values) {
    if (value === null) continue;
    size += type === 'text' ? Buffer.byteLength(value as string) : type === 'bigint' ? 8 : 4;
  }
  return size;
}

/**
 * One dimension of values as Postgres receives an array in binary (array_recv): nothing is escaped or parsed, which is most of what arrays cost as text.
 * @param values strings for text, numbers, bigints or decimal digits for the others; null for NULL
 * @throws Error for a value that is none of the type
 */
export function binaryArray(type: ArrayType, values: readonly unknown[]): Buffer {
  const bytes = Buffer.allocUnsafe(sizeOf(type, values));
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(TYPES[type], 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEADER;
  for (const value of values) {
    if (value === null) {
      at = bytes.writeInt32BE(NULL, at);
    } else if (type === 'text') {
      const length = bytes.write(value as string, at + 4);
      bytes.writeInt32BE(length, at);
      at += 4 + length;
    } else if (type === 'bigint') {
      at = bytes.writeInt32BE(8, at);
      at = bytes.writeBigInt64BE(BigInt(value as number | bigint | string), at);
    } else {
      if (!Number.isInteger(value)) throw new TypeError(`${JSON.stringify(value)} is no integer`);
      at = bytes.writeInt32BE(4, at);
      at = bytes.writeInt32BE(value as number, at);
    }
  }
  return bytes;
}
