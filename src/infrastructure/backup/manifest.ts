import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { flushFile } from '@lifeos/data-folder';

const FILE = 'backup.json';

const count = z.int().nonnegative();

const schema = z.strictObject({
  /** Of the folder; a backup of another format is refused. */
  format: z.literal(1),
  /** ISO 8601. */
  takenAt: z.iso.datetime(),
  log: z.strictObject({ events: count, streams: count, end: count }),
  outboxEntries: count,
});

/** What a backup says of itself: written last, and compared with what is found in it. */
export type Manifest = z.infer<typeof schema>;

/** The manifest is on disk afterwards. */
export async function writeManifest(backup: string, manifest: Manifest): Promise<void> {
  const file = path.join(backup, FILE);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' });
  await flushFile(file);
}

/** @throws Error in one line, where the folder is no backup, or one that this version cannot read */
export async function readManifest(backup: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path.join(backup, FILE), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `it has no ${FILE}` : `${FILE} cannot be read (${code ?? message})`;
    throw new Error(`${backup} is not a backup: ${reason}.`, { cause: error });
  }
  const manifest = schema.safeParse(jsonOf(text));
  if (!manifest.success) throw new Error(`${backup} is not a backup that this version can read: ${FILE} is not what it writes.`);
  return manifest.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told like any other content that is not a manifest
  }
}
