import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedNode } from '../src/embedded-node.js';
import { StreamLog } from '../src/log/stream-log.js';
import { CorruptLogError } from '../src/log/log.errors.js';
import { LogStore } from '../src/log/log-store.js';
import { verifyWholeLog } from '../src/log/verify-log.js';

const proposed = (n: number) => ({
  id: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
  type: 'counted',
  isJson: true,
  metadata: Buffer.alloc(0),
  data: Buffer.from(JSON.stringify({ n, filling: 'x'.repeat(500) })),
});

const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;

describe('the log of an embedded node', () => {
  let parent: string;
  let dataDir: string;
  const logFile = (): string => path.join(dataDir, 'log.mdb');
  beforeAll(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'damaged-log-'));
    const log = StreamLog.open({ dataDir: path.join(parent, 'whole') });
    for (let n = 0; n < 300; n++) await log.append(`stream-${n % 7}`, 'any', [proposed(n), proposed(n)]);
    await log.append('empty', 'any', []);
    await log.close();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(parent, 'copy-'));
    await cp(path.join(parent, 'whole'), dataDir, { recursive: true });
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  const open = async (): Promise<void> => {
    const node = await startEmbeddedNode({ dataDir });
    await node.stop();
  };

  it('opens when it is whole', async () => {
    await open();
    const store = LogStore.open(dataDir);
    verifyWholeLog(store);
    await store.close();
  });

  it.each<readonly [string, () => Promise<void>]>([
    ['that is something else', () => writeFile(logFile(), 'Dear diary, today nothing happened.'.repeat(1_000))],
    [
      'whose beginning is overwritten',
      async () => writeFile(logFile(), Buffer.concat([Buffer.alloc(8_192, 7), (await readFile(logFile())).subarray(8_192)])),
    ],
    ['that is cut off in the middle', async () => truncate(logFile(), Math.floor((await sizeOf(logFile())) / 2))],
    ['that is cut off after its first pages', () => truncate(logFile(), 3 * 4_096)],
    [
      'that is a folder',
      async () => {
        await rm(logFile());
        await mkdir(logFile());
      },
    ],
  ])('is refused, not guessed at, when it is a file %s; and stays as it is for whoever repairs it', async (_, damage) => {
    await damage();
    const size = await sizeOf(logFile());
    for (let opening = 0; opening < 2; opening++) {
      const failure = await open().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CorruptLogError);
      expect((failure as Error).message).not.toContain('\n');
      expect(await sizeOf(logFile())).toBe(size);
    }
  });

  it('begins anew where there is none, or an empty file', async () => {
    await truncate(logFile(), 0);
    await open();
    await rm(logFile());
    await open();
  });
});
