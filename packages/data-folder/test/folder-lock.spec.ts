import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
    process.stdin.once('data', () => {
      try {
        FolderLock.take(process.argv[2]!).publish('esdb://elsewhere');
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

describe('a folder lock', () => {
  it('makes its folder, keeps others of the same process out, and is gone after release', () => {
    const inside = path.join(folder, 'new', 'some.lock');
    const lock = FolderLock.take(inside);
    expect(() => FolderLock.take(inside)).toThrow(new DataFolderInUseError(path.dirname(inside), process.pid));
    lock.release();
    expect(existsSync(inside)).toBe(false);
    FolderLock.take(inside).release();
  });

  it('leaves other locks in the folder alone', () => {
    const lock = FolderLock.take(file);
    const other = FolderLock.take(path.join(folder, 'other.lock'));
    lock.release();
    other.release();
  });

  it('of another live process is respected, and tells where that one listens', async () => {
    const child = takeElsewhere(file);
    const text = said(child);
    child.stdin!.write('go\n');
    await until('the lock', () => text().includes('taken'));
    expect(() => FolderLock.take(file)).toThrow(`The data folder ${folder} is in use by process ${child.pid}.`);
    expect(publishedUrl(file)).toBe('esdb://elsewhere');
    await end(child);
    expect(publishedUrl(file)).toBeUndefined();
    FolderLock.take(file).release();
  });

  it.each([
    ['of a process that has gone', { pid: 2 ** 22 + 1, startedAt: '' }],
    ['of an earlier process whose id another one has now', { pid: 1, startedAt: 'long ago' }],
    ['of an earlier process with this process’ id', { pid: process.pid, startedAt: 'long ago' }],
  ])('%s is taken over', async (_, holder) => {
    await writeFile(file, JSON.stringify(holder));
    const lock = FolderLock.take(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it('that is no lock at all is taken over', async () => {
    await writeFile(file, 'half a l');
    FolderLock.take(file).release();
  });

  it('that was left behind goes to one of many who want it at once', async () => {
    for (let round = 0; round < 3; round++) {
      await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '' }));
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
