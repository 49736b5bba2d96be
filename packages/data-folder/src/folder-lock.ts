import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Someone else, in this process or in another one, has the folder. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError';
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`The data folder ${folder} is in use by process ${pid}.`);
  }
}

interface Holder {
  readonly pid: number;
  /** Start time of that process, to tell it from a later one with the same id; empty where the system does not say. */
  readonly startedAt: string;
  readonly url?: string;
}

/** Lock files that this process (this thread's modules) holds or has reserved. */
const held = new Set<string>();

/** Start time of a process in the kernel's clock ticks (field 22 of /proc/PID/stat); empty where there is no such file. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold blanks; it ends at the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startTime(pid) === startedAt;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** What the live process that holds the lock has published; undefined where there is none, or it is this one. */
export function publishedUrl(lockFile: string): string | undefined {
  const holder = readHolder(resolve(lockFile));
  return holder && holder.pid !== process.pid && isAlive(holder) ? holder.url : undefined;
}

/** Keeps a lock to one holder within this process. @throws DataFolderInUseError */
export function reserveInProcess(lockFile: string): () => void {
  const file = resolve(lockFile);
  if (held.has(file)) throw new DataFolderInUseError(dirname(file), process.pid);
  held.add(file);
  return () => held.delete(file);
}

/** A file that keeps its folder, or a part of it, to one holder. A lock whose process has gone is taken over. */
export class FolderLock {
  private constructor(
    private readonly file: string,
    private readonly giveBack: () => void,
  ) {}

  /** @throws DataFolderInUseError */
  static take(lockFile: string): FolderLock {
    const file = resolve(lockFile);
    const giveBack = reserveInProcess(file);
    try {
      mkdirSync(dirname(file), { recursive: true });
      while (!create(file)) removeStale(file);
      return new FolderLock(file, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Tells other processes where the holder listens. */
  publish(url: string): void {
    const next = ownFile(this.file);
    writeFileSync(next, JSON.stringify(self(url)));
    renameSync(next, this.file);
  }

  release(): void {
    rmSync(this.file, { force: true });
    this.giveBack();
  }
}

const self = (url?: string): Holder => ({ pid: process.pid, startedAt: startTime(process.pid), ...(url !== undefined && { url }) });

const ownFile = (file: string): string => `${file}.${process.pid}`;

/** A link, for a file made in place would be seen empty for a moment and taken for a broken one. */
function create(file: string): boolean {
  const draft = ownFile(file);
  writeFileSync(draft, JSON.stringify(self()));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** @throws DataFolderInUseError where the holder lives */
function removeStale(file: string): void {
  mustBeStale(file, readHolder(file));
  // Moved before it is deleted: of two who found it stale, the slower one may move the lock of the faster one, sees whose it is, and puts it back.
  const moved = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    mustBeStale(file, readHolder(moved));
  } catch (error) {
    linkSync(moved, file);
    throw error;
  } finally {
    unlinkSync(moved);
  }
}

function mustBeStale(file: string, holder: Holder | undefined): void {
  // This process' own id is left from an earlier process with the same id, as in a container: else it would be reserved.
  if (holder && holder.pid !== process.pid && isAlive(holder)) throw new DataFolderInUseError(dirname(file), holder.pid);
}
