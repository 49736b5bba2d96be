import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { DataFolderInUseError } from '@lifeos/data-folder';
import { all } from '@lifeos/test-support';
import { startEmbeddedNode, type EmbeddedNode } from '../src/embedded-node.js';
import { CorruptLogError } from '../src/log/log.errors.js';
import { backUpLog, restoreLog, verifyLog } from '../src/maintenance.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

const events = (count: number) => Array.from({ length: count }, (_, n) => jsonEvent({ id: randomUUID(), type: 'counted', data: { n } }));

describe('looking after a log', () => {
  let parent: string;
  let dataDir: string;
  let node: EmbeddedNode | undefined;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'maintenance-'));
    dataDir = path.join(parent, 'log');
    await start(dataDir);
    await client.appendToStream('kept', events(5));
    await client.appendToStream('hidden', events(3));
    await client.deleteStream('hidden');
    await client.appendToStream('ended', events(2));
    await client.tombstoneStream('ended');
    await client.setStreamMetadata('kept', { maxCount: 4 });
    await client.appendToStream('empty', []);
  });
  afterEach(async () => {
    await stop();
    await rm(parent, { recursive: true, force: true });
  });

  async function start(folder: string): Promise<void> {
    node = await startEmbeddedNode({ dataDir: folder });
    client = EventStoreDBClient.connectionString(node.connectionString);
  }

  async function stop(): Promise<void> {
    if (!node) return;
    await client.dispose();
    await node.stop();
    node = undefined;
  }

  const idsIn = async (): Promise<string[]> => (await all(client.readAll())).map(({ event }) => event!.id);

  it('verifies a whole log, with deleted streams, metadata and all', async () => {
    const { length } = await idsIn();
    await stop();
    const summary = await verifyLog(dataDir);
    expect(summary.events).toBeGreaterThanOrEqual(length);
    expect(summary.events).toBeGreaterThanOrEqual(5 + 3 + 2 + 3);
    expect(summary.end).toBeGreaterThan(64);
    await start(dataDir);
  });

  it('does not verify what is written to meanwhile, nor what is not there', async () => {
    await expect(verifyLog(dataDir)).rejects.toThrow(DataFolderInUseError);
    await expect(verifyLog(path.join(parent, 'nowhere'))).rejects.toThrow(/There is no event log in .*nowhere\.$/);
  });

  it.each([
    ['an event is not in the index', 'index', /the event at position \d+ is not in the index of its stream/],
    [
      'the index names an event that is gone',
      'records',
      /the index names \d+ events, the log holds \d+|there is no record at position \d+/,
    ],
  ])('finds that %s', async (_, database, message) => {
    await stop();
    const root = lmdb.open({ path: path.join(dataDir, 'log.mdb'), noSubdir: true, maxDbs: 8 });
    const entries = root.openDB({ name: database, encoding: 'binary' });
    await entries.remove([...entries.getKeys()].at(4)!);
    await root.close();
    const failure = await verifyLog(dataDir).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CorruptLogError);
    expect((failure as Error).message).toMatch(message);
  });

  it('backs up a log that is written to, and restores it as it was at one moment', async () => {
    const written: string[] = [];
    let isOver = false;
    const writing = (async () => {
      for (let n = 0; !isOver; n++) {
        const batch = events(3);
        await client.appendToStream(`during-${n}`, batch, { expectedRevision: NO_STREAM });
        written.push(...batch.map(({ id }) => id));
      }
    })();
    while (written.length < 60) await new Promise(setImmediate);
    const before = written.length;
    const file = path.join(parent, 'backup');
    await backUpLog(dataDir, file);
    isOver = true;
    await writing;
    await stop();

    const restored = path.join(parent, 'restored');
    const summary = await restoreLog(file, restored);
    await start(restored);
    const ids = (await idsIn()).filter((id) => written.includes(id));
    expect(ids.length).toBeGreaterThanOrEqual(before);
    expect(ids.length % 3).toBe(0);
    expect(ids).toEqual(written.slice(0, ids.length));
    expect(summary.events).toBeGreaterThanOrEqual(ids.length);
    // It goes on where it was.
    await client.appendToStream('kept', events(1), { expectedRevision: 4n });
    expect(await readdir(parent)).toEqual(['backup', 'log', 'restored']);
  });

  it('never writes over anything', async () => {
    const file = path.join(parent, 'backup');
    await writeFile(file, 'precious');
    await expect(backUpLog(dataDir, file)).rejects.toThrow(/backup exists already/);
    await expect(restoreLog(file, dataDir)).rejects.toThrow(/has an event log already/);
  });

  it('does not restore what is no backup', async () => {
    const file = path.join(parent, 'backup');
    await writeFile(file, 'no backup');
    const target = path.join(parent, 'target');
    await mkdir(target);
    await expect(restoreLog(file, target)).rejects.toThrow(CorruptLogError);
    expect(await readdir(target)).toEqual([]);
    await expect(restoreLog(path.join(parent, 'nowhere'), target)).rejects.toThrow(/There is no file .*nowhere\.$/);
  });
});
