import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import {
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  PARK,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PersistentSubscriptionDoesNotExistError,
  RETRY,
  SKIP,
  START,
  streamNameFilter,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { all, unique, until } from '@lifeos/test-support';
import { TestNode } from '../testing/index.js';

const fromStart = (settings = {}) => persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...settings });
const numbered = (count: number) => Array.from({ length: count }, (_, n) => jsonEvent({ id: randomUUID(), type: 'numbered', data: { n } }));

describe('persistent subscriptions of an embedded node', () => {
  let node: TestNode;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  beforeEach(() => {
    client = EventStoreDBClient.connectionString(node.connectionString);
  });
  afterEach(async () => {
    await client.dispose();
  });
  afterAll(async () => {
    await node.dispose();
  });

  /** The client's connections do not outlive the node: it gets a new one. */
  async function restart(): Promise<void> {
    await client.dispose();
    await node.restart();
    client = EventStoreDBClient.connectionString(node.connectionString);
  }

  /** What a consumer gets, in order, as number and count of retries. */
  function consume(stream: string, group: string, bufferSize = 10) {
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize });
    return { subscription, ...recorded(subscription) };
  }

  function recorded(subscription: PersistentSubscriptionToStream | PersistentSubscriptionToAll) {
    const events: ResolvedEvent[] = [];
    const deliveries: string[] = [];
    subscription.on('data', ({ retryCount, ...event }) => {
      events.push(event);
      deliveries.push(`${event.event?.revision}${retryCount > 0 ? ` again (${retryCount})` : ''}`);
    });
    subscription.on('error', () => undefined);
    return { events, deliveries };
  }

  it('deliver again what has no answer in time, wherever the clock is set', async () => {
    const stream = unique('clock-');
    const group = unique('group-');
    await client.createPersistentSubscriptionToStream(stream, group, fromStart({ messageTimeout: 200 }));
    const { deliveries } = consume(stream, group);
    const now = jest.spyOn(Date, 'now');
    const setClock = (aheadMs: number) => now.mockImplementation(() => new Date().getTime() + aheadMs);
    try {
      setClock(0);
      await client.appendToStream(stream, numbered(1));
      await until('the first delivery', () => deliveries.length > 0);
      setClock(-3_600_000);
      await until('the second delivery', () => deliveries.includes('0 again (1)'), 30_000);
      const { length } = deliveries;
      await until('the next one', () => deliveries.length > length, 30_000);
    } finally {
      now.mockRestore();
    }
  });

  it('tells in the log of each change of a group', async () => {
    const stream = unique('told-');
    const group = unique('group-');
    const told = async () => {
      const events = (await all(client.readStream('$persistentSubscriptionConfig'))).map(({ event }) => event!);
      for (const { type } of events) expect(type).toBe('$PersistentConfig');
      const data = events.map(
        (event) => event.data as { change: string; source: string; group: string; settings: { maxRetryCount: number } },
      );
      return data.filter(({ source }) => source === stream).map(({ change, group: of, settings }) => [change, of, settings.maxRetryCount]);
    };
    await client.createPersistentSubscriptionToStream(stream, group, fromStart({ maxRetryCount: 3 }));
    await client.updatePersistentSubscriptionToStream(stream, group, fromStart({ maxRetryCount: 5 }));
    await client.deletePersistentSubscriptionToStream(stream, group);
    const changes = [
      ['created', group, 3],
      ['updated', group, 5],
      ['deleted', group, 5],
    ];
    expect(await told()).toEqual(changes);
    await restart();
    expect(await told()).toEqual(changes);
  });

  it('begins a group of $all with the next record, where none begins at its start, and goes on with it after restarts', async () => {
    const stream = unique('between-');
    await client.appendToStream(stream, numbered(1));
    const result = await client.appendToStream(stream, numbered(2));
    const before = result.position!.commit - 1n;
    const group = unique('group-');
    const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: { commit: before, prepare: before } });
    await client.createPersistentSubscriptionToAll(group, settings, { filter: streamNameFilter({ prefixes: [stream] }) });
    await client.updatePersistentSubscriptionToAll(group, settings);
    await restart();

    const { deliveries } = recorded(client.subscribeToPersistentSubscriptionToAll(group));
    await until('the last event', () => deliveries.length > 0);
    expect(deliveries).toEqual(['2']);
  });

  it('starts with groups whose checkpoint somebody else wrote, from their beginning', async () => {
    const stream = unique('checkpoint-');
    const group = unique('group-');
    await client.appendToStream(stream, numbered(2));
    await client.createPersistentSubscriptionToStream(stream, group, fromStart());
    for (const data of ['what is this', '"C:12/P:12"', '{}', '"-1"', '"1e999"']) {
      const text = binaryEvent({ type: 'SubscriptionCheckpoint', data: Buffer.from(data) });
      await client.appendToStream(`$persistentsubscription-${stream}::${group}-checkpoint`, text);
      await restart();
      const { deliveries, subscription } = consume(stream, group);
      await until('both events', () => deliveries.length === 2);
      expect(deliveries).toEqual(['0', '1']);
      await subscription.unsubscribe();
    }
  });

  it('hands out what fits after each answer: a retry does not wait for the answers to later messages', async () => {
    const stream = unique('answers-');
    const group = unique('group-');
    await client.appendToStream(stream, numbered(5));
    await client.createPersistentSubscriptionToStream(stream, group, fromStart());
    const { deliveries, events, subscription } = consume(stream, group, 3);
    await until('three events', () => deliveries.length === 3);
    const [first, second, third] = events as [ResolvedEvent, ResolvedEvent, ResolvedEvent];
    void subscription.nack(RETRY, 'again', first);
    void subscription.ack(second);
    void subscription.nack(RETRY, 'again', third);
    await until('three more', () => deliveries.length === 6);
    expect(deliveries).toEqual(['0', '1', '2', '0 again (1)', '3', '2 again (1)']);
    await subscription.unsubscribe();
  });

  it('tells rates since they were asked for before, and how long answers took where it is to', async () => {
    const stream = unique('figures-');
    const group = unique('group-');
    // So many that their rate is no rounded nothing, however long their way took.
    const count = 200;
    const total = BigInt(count);
    await client.appendToStream(stream, numbered(count));
    await client.createPersistentSubscriptionToStream(stream, group, fromStart({ extraStatistics: true }));
    const { deliveries, events, subscription } = consume(stream, group, count);
    await until('the events', () => deliveries.length === count);
    const figures = async () => (await client.getPersistentSubscriptionToStreamInfo(stream, group)).stats;
    const first = await client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(first.stats).toMatchObject({ totalItems: total, countSinceLastMeasurement: total });
    expect(first.stats.averagePerSecond).toBeGreaterThan(0);
    expect(first.connections[0]).toMatchObject({ totalItems: total, countSinceLastMeasurement: total, extraStatistics: undefined });
    expect(await figures()).toMatchObject({ totalItems: total, countSinceLastMeasurement: 0n, averagePerSecond: 0 });

    await subscription.ack(...events.slice(2));
    await subscription.nack(SKIP, 'not wanted', events[0]!);
    await subscription.nack(PARK, 'broken', events[1]!);
    await until(
      'the answers',
      async () => (await client.getPersistentSubscriptionToStreamInfo(stream, group)).stats.outstandingMessagesCount === 0,
    );
    const { connections } = await client.getPersistentSubscriptionToStreamInfo(stream, group);
    const times = new Map(
      [...connections[0]!.extraStatistics!].map(([name, milliseconds]) => [String(name).toLowerCase(), Number(milliseconds)]),
    );
    const quintiles = [1, 2, 3, 4, 5].map((n) => `quintile ${n}`);
    expect([...times.keys()]).toEqual(['mean', 'median', 'fastest', ...quintiles, '90%', '95%', '99%', '99.5%', '99.9%', 'highest']);
    for (const time of times.values()) expect(time).toBeGreaterThanOrEqual(times.get('fastest')!);
    for (const time of times.values()) expect(time).toBeLessThanOrEqual(times.get('highest')!);
    await subscription.unsubscribe();
  });

  it('says of a stream without groups that there is none', async () => {
    const stream = unique('none-');
    const list = client.listPersistentSubscriptionsToStream(stream);
    await expect(list).rejects.toThrow(PersistentSubscriptionDoesNotExistError);
    await expect(list).rejects.toThrow(`Subscription group  on stream ${stream} does not exist.`);
  });
});
