import { constants } from 'node:fs';
import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { flushFile, FolderLock } from '@lifeos/data-folder';
import { lockFile } from './lock-file.js';
import type { EventRecord } from './log/event-record.js';
import { FILE, LogStore } from './log/log-store.js';
import { verifyWholeLog, type LogSummary } from './log/verify-log.js';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function mustHaveLog(dataDir: string): Promise<void> {
  if (!(await exists(path.join(dataDir, FILE)))) throw new Error(`There is no event log in ${dataDir}.`);
}

/**
 * Reads the whole log of a folder on which no node runs, and its indexes.
 * @param seen gets each event, in the order of the log
 * @throws CorruptLogError when they do not agree; DataFolderInUseError; Error where there is no log
 */
export async function verifyLog(dataDir: string, seen?: (record: EventRecord) => void): Promise<LogSummary> {
  await mustHaveLog(dataDir);
  const lock = await FolderLock.take(lockFile(dataDir));
  try {
    const store = LogStore.open(dataDir);
    try {
      return verifyWholeLog(store, seen);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

/**
 * Writes the log of a folder, as it is at one moment, to a new file; a node may run on it and goes on.
 * @throws Error where there is no log, or the file exists; CorruptLogError
 */
export async function backUpLog(dataDir: string, file: string): Promise<void> {
  await mustHaveLog(dataDir);
  if (await exists(file)) throw new Error(`${file} exists already: a backup is written to a new file.`);
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  try {
    await LogStore.backUp(dataDir, partial);
    await flushFile(partial);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Makes a folder's log from a backup, which is read whole first.
 * @throws Error where the folder has a log already, or the file cannot be read; CorruptLogError; DataFolderInUseError
 */
export async function restoreLog(file: string, dataDir: string): Promise<LogSummary> {
  if (!(await exists(file))) throw new Error(`There is no file ${file}.`);
  const log = path.join(dataDir, FILE);
  if (await exists(log)) throw new Error(`${dataDir} has an event log already: restore to another folder, or move it away.`);
  await mkdir(dataDir, { recursive: true });
  try {
    await copyFile(file, log, constants.COPYFILE_EXCL);
    const summary = await verifyLog(dataDir);
    await flushFile(log);
    return summary;
  } catch (error) {
    await rm(log, { force: true });
    throw error;
  }
}
