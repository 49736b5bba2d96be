import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Another node, of this process or of another one, has the folder. */
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

const FILE = 'node.lock';

/** Folders held by nodes that this process (this thread's modules) started. */
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

/** The esdb:// address of the node that another live process runs on the folder; undefined where there is none. */
export function runningNodeUrl(dataDir: string): string | undefined {
  const holder = readHolder(join(resolve(dataDir), FILE));
  return holder && holder.pid !== process.pid && isAlive(holder) ? holder.url : undefined;
}

/** Keeps a folder to one node within this process. @throws DataFolderInUseError */
export function reserveInProcess(dataDir: string): () => void {
  const folder = resolve(dataDir);
  if (held.has(folder)) throw new DataFolderInUseError(folder, process.pid);
  held.add(folder);
  return () => held.delete(folder);
}

/** Keeps a folder to one node. A lock whose process has gone is taken over. */
export class FolderLock {
  private constructor(
    private readonly file: string,
    private readonly giveBack: () => void,
  ) {}

  /** @throws DataFolderInUseError */
  static take(dataDir: string): FolderLock {
    const folder = resolve(dataDir);
    const giveBack = reserveInProcess(folder);
    try {
      mkdirSync(folder, { recursive: true });
      const file = join(folder, FILE);
      while (!create(file)) removeStale(folder, file);
      return new FolderLock(file, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Tells other processes where the node listens. */
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

function removeStale(folder: string, file: string): void {
  const holder = readHolder(file);
  // This process' own id is left from an earlier process with the same id, as in a container: else it would be reserved.
  if (holder && holder.pid !== process.pid && isAlive(holder)) throw new DataFolderInUseError(folder, holder.pid);
  // Moved before it is deleted, so that of two who find it stale only one goes on to a folder without a lock.
  const stale = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, stale);
    unlinkSync(stale);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
