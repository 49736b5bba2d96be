import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { all } from '@lifeos/test-support';
import { NodeProcess } from './support/node-process.js';

/** Eight in `npm test`; 200 in `npm run test:faults`. */
const KILLS = Number(process.env['TEST_KILLS'] ?? 8);
const WRITERS = 6;

/** What a writer was told: its stream and the ids of each acknowledged append, in order. */
interface Acknowledged {
  readonly stream: string;
  readonly appends: string[][];
}

const batchOf = (size: number) => Array.from({ length: size }, (_, n) => jsonEvent({ id: randomUUID(), type: 'counted', data: { n } }));

/** Appends one batch after the other to a stream of its own until the node is gone. */
async function writeUntilTheEnd(client: EventStoreDBClient, acknowledged: Acknowledged): Promise<void> {
  let revision = -1n;
  for (let n = 0; ; n++) {
    const batch = batchOf(1 + (n % 4));
    try {
      const result = await client.appendToStream(acknowledged.stream, batch, {
        expectedRevision: revision < 0n ? NO_STREAM : revision,
      });
      revision = result.nextExpectedRevision;
      acknowledged.appends.push(batch.map(({ id }) => id));
    } catch {
      return;
    }
  }
}

describe('an embedded node that is killed while programs write', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'sudden-death-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it(
    `has every acknowledged append once, whole and in order, ${KILLS} times over (invariants 1, 5)`,
    async () => {
      const told: Acknowledged[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const node = await NodeProcess.start(dataDir);
        const client = EventStoreDBClient.connectionString(node.url);
        const writers = Array.from({ length: WRITERS }, (_, n): Acknowledged => ({ stream: `round-${kill}-${n}`, appends: [] }));
        told.push(...writers);
        const writing = writers.map((writer) => writeUntilTheEnd(client, writer));
        const enough = 1 + Math.floor(Math.random() * 150);
        while (writers.reduce((sum, { appends }) => sum + appends.length, 0) < enough) await new Promise(setImmediate);
        await node.kill();
        await Promise.all(writing);
        await client.dispose();
      }

      const node = await NodeProcess.start(dataDir);
      const client = EventStoreDBClient.connectionString(node.url);
      const positions: bigint[] = [];
      const seen = new Map<string, string[]>();
      for await (const { event } of client.readAll()) {
        if (!event?.streamId.startsWith('round-')) continue;
        positions.push(event.position.commit);
        const ids = seen.get(event.streamId) ?? [];
        expect(event.revision).toBe(BigInt(ids.length));
        seen.set(event.streamId, [...ids, event.id]);
      }
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
      for (const { stream, appends } of told) {
        const acknowledged = appends.flat();
        const stored = seen.get(stream) ?? [];
        expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
        // At most the one append whose answer was lost, and that one whole.
        expect([0, 1 + (appends.length % 4)]).toContain(stored.length - acknowledged.length);
        expect((await all(client.readStream(stream, { maxCount: 1_000 })).catch(() => [])).map(({ event }) => event!.id)).toEqual(stored);
      }
      await client.dispose();
      await node.kill();
    },
    60_000 + KILLS * 10_000,
  );
});
