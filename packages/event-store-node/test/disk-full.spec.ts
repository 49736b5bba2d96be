import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { all } from '@lifeos/test-support';
import { NodeProcess } from './support/node-process.js';

/** Kibibytes that a file of the node may have: to it, a disk that is full. */
const ROOM = 3_000;

describe('an embedded node whose disk is full', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'disk-full-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('fails the append, takes no more, ends and says why; nothing acknowledged is lost (invariants 1, 5)', async () => {
    const node = await NodeProcess.start(dataDir, { fileKib: ROOM });
    const client = EventStoreDBClient.connectionString(node.url);
    const batch = () =>
      Array.from({ length: 4 }, () => jsonEvent({ id: randomUUID(), type: 'filled', data: { filling: 'x'.repeat(10_000) } }));
    const acknowledged: string[] = [];
    let revision = -1n;
    for (let failed = false; !failed;) {
      const events = batch();
      try {
        const expectedRevision = revision < 0n ? NO_STREAM : revision;
        revision = (await client.appendToStream('filling', events, { expectedRevision })).nextExpectedRevision;
        acknowledged.push(...events.map(({ id }) => id));
      } catch {
        failed = true;
      }
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    await expect(client.appendToStream('another', batch())).rejects.toThrow();
    expect(await node.exitCode).toBe(1);
    expect(node.errors).toMatch(/^event-store-node: the write could not be made durable: .+\n$/m);
    await client.dispose();

    const roomy = await NodeProcess.start(dataDir);
    const reader = EventStoreDBClient.connectionString(roomy.url);
    const stored = (await all(reader.readStream('filling'))).map(({ event }) => event!.id);
    expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect([0, 4]).toContain(stored.length - acknowledged.length);
    await reader.appendToStream('filling', batch(), { expectedRevision: BigInt(stored.length - 1) });
    await reader.dispose();
    await roomy.kill();
  });
});
