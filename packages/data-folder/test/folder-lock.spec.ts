import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { programOf, until } from '@lifeos/test-support';
import { DataFolderInUseError, FolderLock, publishedUrl } from '../src/folder-lock.js';

const children: ChildProcess[] = [];
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'folder-lock-'));
  file = path.join(folder, 'some.lock');
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(end));
  await rm(folder, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Takes the lock whose file it is told, once something comes on stdin; says on stdout whether it got it, then lives until its stdin ends. */
let taker: string;
beforeAll(async () => {
  taker = await programOf(`
    import { FolderLock } from '@lifeos/data-folder';
    process.stdin.once('data', async () => {
      try {
        (await FolderLock.take(process.argv[2]!)).publish('esdb://elsewhere');
        console.log('taken');
      } catch (error) {
        console.log((error as Error).message);
      }
    });
    console.log('ready');
  `);
});

function takeElsewhere(lockFile: string): ChildProcess {
  const child = spawn(process.execPath, [taker, lockFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function said(child: ChildProcess): () => string {
  let text = '';
  child.stdout!.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return () => text;
}

async function holdElsewhere(): Promise<ChildProcess> {
  const child = takeElsewhere(file);
  const text = said(child);
  child.stdin!.write('go\n');
  await until('the lock', () => text().includes('taken'));
  return child;
}

describe('a folder lock', () => {
  it('makes its folder, keeps others of the same process out, and is gone after release', async () => {
    const inside = path.join(folder, 'new', 'some.lock');
    const lock = await FolderLock.take(inside);
    await expect(FolderLock.take(inside)).rejects.toEqual(new DataFolderInUseError(path.dirname(inside), process.pid));
    lock.release();
    expect(await readdir(path.dirname(inside))).toEqual([]);
    (await FolderLock.take(inside)).release();
  });

  it('leaves other locks in the folder alone', async () => {
    const lock = await FolderLock.take(file);
    const other = await FolderLock.take(path.join(folder, 'other.lock'));
    lock.release();
    other.release();
  });

  it('is made in a folder whose path is longer than that of a socket may be', async () => {
    const deep = path.join(folder, 'd'.repeat(150), 'some.lock');
    const lock = await FolderLock.take(deep);
    lock.publish('esdb://deep');
    await expect(FolderLock.take(deep)).rejects.toThrow('is in use by process');
    lock.release();
  });

  it('of another live process is respected, and tells where that one listens', async () => {
    const child = await holdElsewhere();
    await expect(FolderLock.take(file)).rejects.toThrow(`The data folder ${folder} is in use by process ${child.pid}.`);
    expect(await publishedUrl(file)).toBe('esdb://elsewhere');
    await end(child);
    expect(await publishedUrl(file)).toBeUndefined();
    (await FolderLock.take(file)).release();
  });

  it('of a process that is just being killed can be taken at once', async () => {
    const child = await holdElsewhere();
    child.kill('SIGKILL');
    (await FolderLock.take(file)).release();
  });

  it('of a process that does not answer is waited for, and taken when that has gone', async () => {
    const child = await holdElsewhere();
    child.kill('SIGSTOP');
    const taken = FolderLock.take(file);
    let isTaken = false;
    void taken.then(() => (isTaken = true));
    // It is asked, and asked again: the kernel accepts the connections.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(isTaken).toBe(false);
    child.kill('SIGKILL');
    (await taken).release();
  });

  it('of a zombie is taken over', async () => {
    const holder = await programOf(`
      import { FolderLock } from '@lifeos/data-folder';
      await FolderLock.take(process.argv[2]!);
      console.log('taken by', process.pid, '.');
      setInterval(() => undefined, 1_000);
    `);
    // The parent never asks how its child ended, so the child stays in the process table.
    const parent = spawn('sh', ['-c', `"${process.execPath}" "${holder}" "${file}" & exec sleep 3600`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(parent);
    const text = said(parent);
    await until('the lock', () => text().includes('.'));
    const pid = Number(/taken by (\d+)/.exec(text())![1]);
    await expect(FolderLock.take(file)).rejects.toThrow(`in use by process ${pid}`);
    process.kill(pid, 'SIGKILL');
    (await FolderLock.take(file)).release();
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  it('of version 0.1, a file with a process id, is respected while that process runs', async () => {
    const holder = spawn('sleep', ['3600']);
    children.push(holder);
    await writeFile(file, JSON.stringify({ pid: holder.pid, startedAt: '' }));
    await expect(FolderLock.take(file)).rejects.toThrow(`is in use by process ${holder.pid}`);
    await end(holder);
    (await FolderLock.take(file)).release();
  });

  it.each([
    ['of a process that has gone', JSON.stringify({ pid: 2 ** 22 + 1 })],
    ['of an earlier process with this process’ id', JSON.stringify({ pid: process.pid })],
    ['that is no lock at all', 'half a l'],
  ])('%s is taken over', async (_, text) => {
    await writeFile(file, text);
    (await FolderLock.take(file)).release();
  });

  it('that was left behind goes to one of many who want it at once', async () => {
    for (let round = 0; round < 3; round++) {
      await end(await holdElsewhere());
      const contenders = Array.from({ length: 6 }, () => takeElsewhere(file));
      const texts = contenders.map(said);
      await until('all to be ready', () => texts.every((text) => text().includes('ready')));
      for (const child of contenders) child.stdin!.write('go\n');
      await until('all answers', () => texts.every((text) => /taken|in use/.test(text())));
      expect(texts.filter((text) => text().includes('taken'))).toHaveLength(1);
      await Promise.all(contenders.map(end));
    }
  });
});
