import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { CorruptLogError } from './log.errors.js';

// Layout of an LMDB meta page (64-bit, the build in the `lmdb` package): 24 bytes of page header, then the meta record.
const META_COPIES = 2;
const MAGIC = 0xbeefc0de;
const AT_MAGIC = 24;
const AT_PAGE_SIZE = 48;
const AT_LAST_PAGE = 144;
const AT_TRANSACTION = 152;
const META_BYTES = 160;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;

/**
 * Looks at the data file before LMDB maps it: a page that lies past the end of a cut-off file would end the process with
 * a signal instead of an exception. A file that is a little short (LMDB does not write pages that became free within a
 * transaction) is lengthened; answers with its length before where that was so, for then the log must be read whole before it is trusted.
 *
 * @throws CorruptLogError when the file is no LMDB data file.
 */
export function checkDataFile(path: string): { readonly lengthBefore?: number } {
  if (!existsSync(path)) return {};
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return {};
    const needed = sizeByMeta(file, path);
    if (size >= needed) return {};
    ftruncateSync(file, needed);
    return { lengthBefore: size };
  } finally {
    closeSync(file);
  }
}

function sizeByMeta(file: number, path: string): number {
  const first = metaAt(file, 0);
  const pageSize = first?.readUInt32LE(AT_PAGE_SIZE) ?? 4096;
  if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE) throw new CorruptLogError(`${path} is damaged: page size ${pageSize}`);
  let newest: Buffer | undefined;
  for (let copy = 0; copy < META_COPIES; copy++) {
    const meta = metaAt(file, copy * pageSize);
    if (meta && (!newest || meta.readBigUInt64LE(AT_TRANSACTION) > newest.readBigUInt64LE(AT_TRANSACTION))) newest = meta;
  }
  if (!newest) throw new CorruptLogError(`${path} is not an event log, or its beginning is damaged`);
  return (Number(newest.readBigUInt64LE(AT_LAST_PAGE)) + 1) * pageSize;
}

function metaAt(file: number, offset: number): Buffer | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  const length = readSync(file, bytes, 0, META_BYTES, offset);
  return length === META_BYTES && bytes.readUInt32LE(AT_MAGIC) === MAGIC ? bytes : undefined;
}
