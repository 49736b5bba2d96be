import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { LOG_FILE, restoreLog } from '@lifeos/event-store-node';
import { flushFolder } from '@lifeos/data-folder';
import { copyOutbox } from '../tools/outbox-copy.js';
import { keptFolders } from './kept-folders.js';
import { readManifest, type Manifest } from './manifest.js';

/** Where everything is put first; while it is there the data folder is not to be used. */
const UNFINISHED = 'restore.partial';

/** What an empty volume may hold. */
const OF_THE_FILE_SYSTEM = 'lost+found';

const unfinishedIn = (dataDir: string): string => path.join(dataDir, UNFINISHED);

/** @throws Error in one line, where a restore into the data folder was interrupted: half of the data must not pass for all of it */
export function refuseUnfinishedRestore(dataDir: string): void {
  if (existsSync(unfinishedIn(dataDir)))
    throw new Error(`A restore into ${dataDir} did not finish: wait for it or, if it was interrupted, empty the folder and restore again.`);
}

/** Claims an empty data folder; answers whether it was made for that. */
async function claim(dataDir: string): Promise<boolean> {
  const isNew = (await mkdir(dataDir, { recursive: true })) !== undefined;
  refuseUnfinishedRestore(dataDir);
  await mkdir(unfinishedIn(dataDir));
  const [other] = (await readdir(dataDir)).filter((name) => name !== UNFINISHED && name !== OF_THE_FILE_SYSTEM);
  if (other === undefined) return isNew;
  await rmdir(unfinishedIn(dataDir));
  throw new Error(`${dataDir} is not empty (it holds ${other}): restore into an empty folder, or one that does not exist.`);
}

/** Copies everything and compares it with what the backup says of itself. */
async function fill(partial: string, backup: string): Promise<Manifest> {
  const manifest = await readManifest(backup);
  const [from, to] = [keptFolders(backup), keptFolders(partial)];
  const log = await restoreLog(path.join(from.eventStore, LOG_FILE), to.eventStore);
  await flushFolder(to.eventStore);
  const outboxEntries = await copyOutbox(from.outbox, to.outbox, () => true);
  const sameLog = log.end === manifest.log.end && log.events === manifest.log.events && log.streams === manifest.log.streams;
  if (!sameLog) throw new Error(`${backup} is not whole: its log is not the one that was backed up.`);
  if (outboxEntries !== manifest.outboxEntries)
    throw new Error(`${backup} is not whole: its outbox holds ${outboxEntries} entries, and ${manifest.outboxEntries} were backed up.`);
  return manifest;
}

/**
 * Puts the event log and the outbox of a backup into a data folder that is empty or absent. The log is read whole first.
 * @throws Error in one line, where the data folder holds anything, or the backup is not whole; CorruptLogError
 */
export async function restore(backup: string, dataDir: string): Promise<Manifest> {
  const isNew = await claim(dataDir);
  const partial = unfinishedIn(dataDir);
  const [from, to] = [keptFolders(partial), keptFolders(dataDir)];
  try {
    const manifest = await fill(partial, backup);
    await rename(from.outbox, to.outbox);
    await rename(from.eventStore, to.eventStore);
    await flushFolder(dataDir);
    await rmdir(partial);
    await flushFolder(dataDir);
    return manifest;
  } catch (error) {
    // The folder was empty: all of it is ours.
    for (const place of [to.eventStore, to.outbox, partial]) await rm(place, { recursive: true, force: true });
    if (isNew) await rmdir(dataDir);
    throw error;
  }
}
