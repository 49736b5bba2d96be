import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { backUpLog, LOG_FILE, verifyLog } from '@lifeos/event-store-node';
import { flushFolder } from '@lifeos/data-folder';
import { copyOutbox } from '../tools/outbox-copy.js';
import { keptFolders } from './kept-folders.js';
import { writeManifest, type Manifest } from './manifest.js';
import { StartedSteps } from './started-steps.js';

const exists = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );

async function fill(backup: string, dataDir: string): Promise<Manifest> {
  const [from, to] = [keptFolders(dataDir), keptFolders(backup)];
  const takenAt = new Date().toISOString();
  // The log goes first: a step that it says succeeded has its entry by then. The other way round an entry could be missing for good, for nothing repeats the step.
  await mkdir(to.eventStore);
  await backUpLog(from.eventStore, path.join(to.eventStore, LOG_FILE));
  const started = new StartedSteps();
  const log = await verifyLog(to.eventStore, (record) => started.see(record));
  await rm(path.join(to.eventStore, `${LOG_FILE}-lock`), { force: true });
  await flushFolder(to.eventStore);
  // Runs that began after the log was copied are not in it, and their ids will be given out again: an entry of theirs would be taken for another run's effect.
  const outboxEntries = await copyOutbox(from.outbox, to.outbox, (slot) => started.has(slot));
  const manifest: Manifest = { format: 1, takenAt, log, outboxEntries };
  await writeManifest(backup, manifest);
  await flushFolder(backup);
  return manifest;
}

/**
 * Copies the event log and the outbox of a data folder to a new folder, while an engine runs on it or not. The folder gets its name once it is whole and on
 * disk; a backup that was killed leaves `<folder>.partial-…`.
 * @throws Error in one line, where there is no log, or the folder exists; CorruptLogError
 */
export async function backUp(dataDir: string, folder: string): Promise<Manifest> {
  const backup = path.resolve(folder);
  if (await exists(backup)) throw new Error(`${folder} exists already: a backup is written to a new folder.`);
  await mkdir(path.dirname(backup), { recursive: true });
  const partial = await mkdtemp(`${backup}.partial-`);
  try {
    const manifest = await fill(partial, dataDir);
    await rename(partial, backup);
    await flushFolder(path.dirname(backup));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
