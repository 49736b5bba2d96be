import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Someone else, in this process or in another one, has the folder. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError';
  constructor(
    readonly folder: string,
    /** As the holder knows itself: in another container another process may have this id. 0 where it does not answer. */
    readonly pid: number,
  ) {
    super(`The data folder ${folder} is in use by ${pid === 0 ? 'a process that does not answer' : `process ${pid}`}.`);
  }
}

interface Holder {
  readonly pid: number;
  readonly url?: string;
}

/** What asking a lock's socket came to: its holder; `silent`, a process that is there and does not answer (it may be ending); or nobody listens. */
type Answer = Holder | 'silent' | 'nobody';

/** How long a holder may take to answer, and one that is ending to be gone, in milliseconds. */
const ANSWER_MS = 2_000;
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;
/** Longest path of a Unix socket, in bytes (sun_path has 108 on Linux, 104 elsewhere). */
const LONGEST_ADDRESS = 100;

/** Lock files that this process (this thread's modules) holds or has reserved. */
const held = new Set<string>();

/** Keeps a lock to one holder within this process. @throws DataFolderInUseError */
export function reserveInProcess(lockFile: string): () => void {
  const file = resolve(lockFile);
  if (held.has(file)) throw new DataFolderInUseError(dirname(file), process.pid);
  held.add(file);
  return () => held.delete(file);
}

/** What the live process that holds the lock has published; undefined where there is none, or it is this one. */
export async function publishedUrl(lockFile: string): Promise<string | undefined> {
  const answer = await ask(resolve(lockFile));
  return typeof answer === 'object' && answer.pid !== process.pid ? answer.url : undefined;
}

/**
 * Keeps a folder, or a part of it, to one holder: a Unix socket in the folder on which the holder listens. The kernel closes it with its process, however that
 * ends, and it says who holds it to processes in other containers too, where process ids say nothing. A socket on which nobody listens is taken over.
 */
export class FolderLock {
  private url: string | undefined;

  private constructor(
    private readonly file: string,
    private readonly giveBack: () => void,
  ) {}

  private readonly server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(JSON.stringify({ pid: process.pid, ...(this.url !== undefined && { url: this.url }) } satisfies Holder));
  }).unref();

  /**
   * Waits up to 10 s for a holder that is there and does not answer: a process that was just killed may still be ending.
   * @throws DataFolderInUseError
   */
  static async take(lockFile: string): Promise<FolderLock> {
    const file = resolve(lockFile);
    const lock = new FolderLock(file, reserveInProcess(file));
    try {
      mkdirSync(dirname(file), { recursive: true });
      await lock.occupy();
      return lock;
    } catch (error) {
      lock.server.close();
      lock.giveBack();
      throw error;
    }
  }

  /** Tells other processes where the holder listens. */
  publish(url: string): void {
    this.url = url;
  }

  release(): void {
    rmSync(this.file, { force: true });
    this.server.close();
    this.giveBack();
  }

  private async occupy(): Promise<void> {
    const draft = ownFile(this.file);
    listen(this.server, draft);
    try {
      for (const until = performance.now() + PATIENCE_MS; !linked(draft, this.file);) {
        const answer = await ask(this.file);
        if (answer === 'nobody') await removeStale(this.file, draft);
        else if (answer !== 'silent') throw new DataFolderInUseError(dirname(this.file), answer.pid);
        else if (performance.now() >= until) throw new DataFolderInUseError(dirname(this.file), 0);
        else await delay(PAUSE_MS);
      }
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

/** Nobody else's, also where process ids are the same, as in two containers. */
const ownFile = (file: string): string => `${file}.${randomBytes(6).toString('hex')}`;

/** @throws Error where there cannot be a socket */
function listen(server: Server, file: string): void {
  let failure: Error | undefined;
  server.on('error', (error) => (failure = error));
  at(file, (address) => server.listen(address));
  // A path is bound at once; only the telling is put off.
  if (!server.listening) throw failure ?? new Error(`the lock ${file} cannot be made: its file system may have no Unix sockets`);
}

/** Calls with an address of a socket's path that is short enough. */
function at(file: string, use: (address: string) => void): void {
  if (Buffer.byteLength(file) <= LONGEST_ADDRESS || process.platform !== 'linux') return use(file);
  const folder = openSync(dirname(file), 'r');
  try {
    use(join('/proc/self/fd', String(folder), basename(file)));
  } finally {
    closeSync(folder);
  }
}

/** A second name for what listens already: with a name of its own it would be there for a moment before it does. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ask(file: string): Promise<Answer> {
  const old = holderInFile(file);
  if (old) return Promise.resolve(old);
  return new Promise((resolveAnswer) => {
    at(file, (address) => {
      const socket = connect(address);
      let text = '';
      let isConnected = false;
      const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
      socket.setEncoding('utf8');
      socket.on('connect', () => (isConnected = true));
      socket.on('data', (part: string) => (text += part));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        resolveAnswer(holderIn(text) ?? (isConnected ? 'silent' : 'nobody'));
      });
    });
  });
}

function holderIn(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

/** Version 0.1 kept a file with its process id in the same place: one that still runs has the folder. */
function holderInFile(file: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // a socket, or nothing
  }
  const holder = holderIn(text);
  return holder && holder.pid !== process.pid && isRunning(holder.pid) ? holder : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

/**
 * Removes a lock on which nobody listens. Several may find it at once: whoever gets the guard looks again and removes it, and nobody else does, so no lock is removed
 * that somebody has just taken. A guard whose holder died in that moment is set aside.
 */
async function removeStale(file: string, draft: string): Promise<void> {
  const guard = `${file}.takeover`;
  if (linked(draft, guard)) {
    try {
      if ((await ask(file)) === 'nobody') rmSync(file, { force: true });
    } finally {
      rmSync(guard, { force: true });
    }
    return;
  }
  const seen = identityOf(guard);
  if ((await ask(guard)) !== 'nobody') return delay(PAUSE_MS);
  const aside = ownFile(guard);
  try {
    renameSync(guard, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Another one's by now: it goes back.
  if (identityOf(aside) !== seen) linked(aside, guard);
  rmSync(aside, { force: true });
}

/** Tells a file from a later one with the same name, and the same inode. */
function identityOf(file: string): string {
  const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino}/${stat.mtimeNs}` : '';
}
