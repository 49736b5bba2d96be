import { randomUUID } from 'node:crypto';
import {
  ANY,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  persistentSubscriptionToAllSettingsFromDefaults,
  eventTypeFilter,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type JSONEventType,
} from '@eventstore/db-client';
import { all, unique, until } from '@lifeos/test-support';
import { TestNode } from '../testing/index.js';

const event = (n: number) => jsonEvent({ id: randomUUID(), type: 'counted', data: { n } });
const events = (count: number) => Array.from({ length: count }, (_, n) => event(n));

/** With the official client, as any program would. */
describe('an embedded node that was restarted', () => {
  let node: TestNode;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    node = await TestNode.start();
    client = EventStoreDBClient.connectionString(node.connectionString);
  });
  afterAll(async () => {
    await client.dispose();
    await node.dispose();
  });

  async function restart(): Promise<void> {
    await client.dispose();
    await node.restart();
    client = EventStoreDBClient.connectionString(node.connectionString);
  }

  const read = async (stream: string) =>
    (await all(client.readStream<JSONEventType>(stream))).map(({ event: recorded }) => ({
      id: recorded!.id,
      revision: Number(recorded!.revision),
    }));

  it.each<readonly [string, AppendExpectedRevision]>([
    ['at its revision', NO_STREAM],
    ['at any revision', ANY],
  ])('knows an append %s again', async (_, expectedRevision) => {
    const stream = unique('repeated-');
    const batch = events(3);
    const first = await client.appendToStream(stream, batch, { expectedRevision });
    await restart();
    const again = await client.appendToStream(stream, batch, { expectedRevision });
    expect(again.nextExpectedRevision).toBe(first.nextExpectedRevision);
    expect(again.position).toEqual(first.position);
    expect(await read(stream)).toEqual(batch.map(({ id }, revision) => ({ id, revision })));
  });

  it('knows the end of a stream', async () => {
    const stream = unique('ended-');
    await client.appendToStream(stream, events(3), { expectedRevision: NO_STREAM });
    await restart();
    await expect(client.appendToStream(stream, events(1), { expectedRevision: NO_STREAM })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    await expect(client.appendToStream(stream, events(1), { expectedRevision: 1n })).rejects.toMatchObject({ actualVersion: 2n });
    expect((await client.appendToStream(stream, events(1), { expectedRevision: 2n })).nextExpectedRevision).toBe(3n);
  });

  it('keeps to $maxCount', async () => {
    const stream = unique('short-');
    await client.setStreamMetadata(stream, { maxCount: 2 });
    await client.appendToStream(stream, events(5), { expectedRevision: NO_STREAM });
    await restart();
    expect((await read(stream)).map(({ revision }) => revision)).toEqual([3, 4]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 2 });
  });

  it('gives positions on in the order of the log', async () => {
    const before = await client.appendToStream(unique('order-'), events(1));
    await restart();
    const after = await client.appendToStream(unique('order-'), events(1));
    expect(after.position!.commit).toBeGreaterThan(before.position!.commit);
    const positions = (await all(client.readAll())).map(({ event: recorded }) => recorded!.position.commit);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('serves persistent subscriptions to $all on from their checkpoint, parked events included', async () => {
    const group = unique('group-');
    const type = unique('type-');
    const typed = (n: number) => jsonEvent({ id: randomUUID(), type, data: { n } });
    const stream = unique('work-');
    await client.createPersistentSubscriptionToAll(
      group,
      persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: 'start',
        checkPointAfter: 100,
        checkPointLowerBound: 1,
        checkPointUpperBound: 1,
      }),
      { filter: eventTypeFilter({ prefixes: [type] }) },
    );
    await client.appendToStream(stream, [typed(0), typed(1), typed(2), typed(3)]);
    const first = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 1 });
    for await (const resolved of first) {
      const { n } = resolved.event!.data as { n: number };
      if (n === 1) await first.nack('park', 'not today', resolved);
      else await first.ack(resolved);
      if (n === 2) break;
    }
    await first.unsubscribe();
    await restart();
    const second = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 1 });
    for await (const resolved of second) {
      // 2 was the last one acknowledged: its checkpoint may not have been written, 0 and 1 are behind.
      const { n } = resolved.event!.data as { n: number };
      expect(n).toBeGreaterThanOrEqual(2);
      await second.ack(resolved);
      if (n === 3) break;
    }
    await second.unsubscribe();
    const parked = await all(client.readStream(`$persistentsubscription-$all::${group}-parked`, { resolveLinkTos: true }));
    expect(parked.map(({ event: resolved }) => (resolved!.data as { n: number }).n)).toEqual([1]);
  });

  it('hands out again what had no verdict, though what came after it had one', async () => {
    const group = unique('group-');
    const type = unique('type-');
    const typed = (n: number) => jsonEvent({ id: randomUUID(), type, data: { n } });
    const settings = { startFrom: 'start', checkPointAfter: 10, checkPointLowerBound: 1, checkPointUpperBound: 1 } as const;
    await client.createPersistentSubscriptionToAll(group, persistentSubscriptionToAllSettingsFromDefaults(settings), {
      filter: eventTypeFilter({ prefixes: [type] }),
    });
    const stream = unique('work-');
    await client.appendToStream(stream, [typed(0), typed(1), typed(2), typed(3)]);
    const first = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 10 });
    for await (const resolved of first) {
      const { n } = resolved.event!.data as { n: number };
      if (n !== 1) await first.ack(resolved);
      if (n === 3) break;
    }
    // A checkpoint of the first event is written, and none of a later one: it is there before the node stops.
    const checkpoints = `$persistentsubscription-$all::${group}-checkpoint`;
    await until('a checkpoint', async () => (await all(client.readStream(checkpoints)).catch(() => [])).length > 0);
    await restart();
    await client.appendToStream(stream, [typed(4)]);
    const second = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 10 });
    const again: number[] = [];
    for await (const resolved of second) {
      again.push((resolved.event!.data as { n: number }).n);
      await second.ack(resolved);
      if (again.at(-1) === 4) break;
    }
    await second.unsubscribe();
    expect(again).toContain(1);
  });
});
