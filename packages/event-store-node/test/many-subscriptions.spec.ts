import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { END, EventStoreDBClient, jsonEvent, START, streamNameFilter, type JSONEventType } from '@eventstore/db-client';
import { until } from '@lifeos/test-support';
import { NodeProcess } from './support/node-process.js';

const STREAMS = 1_000;
const MIB = 1_024 * 1_024;

type Numbered = JSONEventType<'numbered', { n: number; text?: string }>;
const numbered = (n: number, text?: string) => jsonEvent<Numbered>({ type: 'numbered', data: { n, ...(text !== undefined && { text }) } });

/** Memory of the node that is its own, in bytes: not the pages of its file. */
const memoryOf = ({ pid }: NodeProcess): number =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

describe('an embedded node with many subscriptions, or slow ones', () => {
  let folder: string;
  let node: NodeProcess;
  const clients: EventStoreDBClient[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'many-subscriptions-'));
    node = await NodeProcess.start(folder);
  });
  afterAll(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    await node.kill();
    await rm(folder, { recursive: true, force: true });
  });

  function connect(): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(node.url);
    clients.push(client);
    return client;
  }

  it('serves thousands at once, each with all that is its own, in order', async () => {
    const writer = connect();
    const reader = connect();
    const received = new Map<string, number[]>();
    let confirmed = 0;
    const taking = (name: string) => {
      const numbers: number[] = [];
      received.set(name, numbers);
      return (n: number): void => void numbers.push(n);
    };
    for (let at = 0; at < STREAMS; at++) {
      const ofStream = reader.subscribeToStream<Numbered>(`many-${at}`, { fromRevision: START });
      const take = taking(`stream ${at}`);
      ofStream.on('data', ({ event }) => take(event!.data.n));
      const ofAll = reader.subscribeToAll({
        fromPosition: END,
        filter: streamNameFilter({ prefixes: [`many-${at}-`], checkpointInterval: 10_000 }),
      });
      const takeAll = taking(`$all ${at}`);
      ofAll.on('data', ({ event }) => takeAll((event!.data as Numbered['data']).n));
      for (const subscription of [ofStream, ofAll]) subscription.once('confirmation', () => (confirmed += 1));
    }
    await until('the confirmations', () => confirmed === 2 * STREAMS, 120_000);

    const wanted = [0, 1, 2];
    for (const n of wanted) {
      await Promise.all(
        Array.from({ length: STREAMS }, (_, at) =>
          Promise.all([writer.appendToStream(`many-${at}`, numbered(n)), writer.appendToStream(`many-${at}-filtered`, numbered(n))]),
        ),
      );
    }
    await until('the events', () => [...received.values()].every(({ length }) => length >= wanted.length), 120_000);
    for (const numbers of received.values()) expect(numbers).toEqual(wanted);
  }, 300_000);

  it('spends bounded memory on a reader that does not read, and loses nothing', async () => {
    const writer = connect();
    const text = 'x'.repeat(100_000);
    const COUNT = 2_000;
    const perAppend = 10;
    const slow = connect().subscribeToStream<Numbered>('slow', { fromRevision: START });
    const seen: number[] = [];
    await new Promise((resolve) => slow.once('confirmation', resolve));
    slow.pause();
    const before = memoryOf(node);
    for (let n = 0; n < COUNT; n += perAppend) {
      await writer.appendToStream(
        'slow',
        Array.from({ length: perAppend }, (_, index) => numbered(n + index, text)),
      );
    }
    // What it keeps of the newest records, and a garbage collector's ease: less than the 200 MB that were written.
    expect(memoryOf(node) - before).toBeLessThan(120 * MIB);

    for await (const { event } of slow) if (seen.push(event!.data.n) === COUNT) break;
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    expect(memoryOf(node) - before).toBeLessThan(120 * MIB);
  }, 300_000);
});
