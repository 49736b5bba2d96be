import { createHash } from 'node:crypto';

/** LMDB's keys are limited to 1,978 bytes; longer names stand under their digest. */
const LONGEST_KEPT = 500;

/** The key of a stream name: its bytes, or a digest of them; the first byte keeps the two apart. */
export function nameKey(name: string): Buffer {
  const length = Buffer.byteLength(name);
  if (length > LONGEST_KEPT) return Buffer.concat([Buffer.of(2), createHash('sha256').update(name).digest()]);
  const key = Buffer.allocUnsafe(length + 1);
  key[0] = 1;
  key.write(name, 1);
  return key;
}
