import { constants } from 'node:fs';
import { copyFile, mkdir, opendir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { flushFile, flushFolder } from '@lifeos/data-folder';

/** Entries copied at once: each waits for the disk. */
const AT_ONCE = 16;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Names of the folders in a folder, one at a time; none where it does not exist. Those that begin with a dot, where unfinished entries are, are left out. */
async function* foldersIn(folder: string): AsyncGenerator<string, void> {
  try {
    for await (const entry of await opendir(folder)) if (entry.isDirectory() && !entry.name.startsWith('.')) yield entry.name;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function* entriesIn(outbox: string): AsyncGenerator<{ readonly shelf: string; readonly id: string }, void> {
  for await (const shelf of foldersIn(outbox)) for await (const id of foldersIn(path.join(outbox, shelf))) yield { shelf, id };
}

async function copyEntry(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const file of await readdir(from)) {
    const copy = path.join(to, file);
    await copyFile(path.join(from, file), copy, constants.COPYFILE_EXCL);
    await flushFile(copy);
  }
  await flushFolder(to);
}

/**
 * Copies the finished entries of an outbox whose slots are wanted, and answers how many. Calls may go on publishing meanwhile: an entry appears entirely, and
 * is never changed. The copies are on disk afterwards.
 * @param to a folder that does not exist
 */
export async function copyOutbox(from: string, to: string, isWanted: (slot: string) => boolean): Promise<number> {
  await mkdir(to);
  const shelves = new Set<string>();
  const copying = new Set<Promise<void>>();
  let copied = 0;
  try {
    for await (const { shelf, id } of entriesIn(from)) {
      if (!isWanted(id)) continue;
      shelves.add(shelf);
      copied += 1;
      const copy = copyEntry(path.join(from, shelf, id), path.join(to, shelf, id)).then(() => void copying.delete(copy));
      // A failed one stays among them, where it is met; until then nobody waits for it.
      copy.catch(() => undefined);
      copying.add(copy);
      if (copying.size >= AT_ONCE) await Promise.race(copying);
    }
    await Promise.all(copying);
  } finally {
    await Promise.allSettled(copying);
  }
  for (const shelf of shelves) await flushFolder(path.join(to, shelf));
  await flushFolder(to);
  return copied;
}
