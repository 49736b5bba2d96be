import { randomUUID } from 'node:crypto';
import {
  END,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type EventData,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { percentile, roundsPerSecond, secondsOf } from './measuring.js';

/** With the quotes and braces of its JSON, 200 bytes. */
const TEXT = 'x'.repeat(200 - '{"text":""}'.length);

const events = (count: number): EventData[] => Array.from({ length: count }, () => jsonEvent({ type: 'measured', data: { text: TEXT } }));

/** Appends `perAppend` events at a time on `inFlight` streams at once. Answers events per second. */
export async function appends(client: EventStoreDBClient, inFlight: number, perAppend: number, milliseconds: number): Promise<number> {
  const run = randomUUID();
  const rounds = await roundsPerSecond(inFlight, milliseconds, (lane) => client.appendToStream(`append-${run}-${lane}`, events(perAppend)));
  return rounds * perAppend;
}

/** Writes a stream of so many events, for the reads. */
export async function fill(client: EventStoreDBClient, stream: string, count: number): Promise<void> {
  const perAppend = 500;
  for (let written = 0; written < count; written += perAppend) {
    await client.appendToStream(stream, events(Math.min(perAppend, count - written)));
  }
}

async function take(messages: AsyncIterable<unknown>, count: number): Promise<void> {
  let taken = 0;
  for await (const _message of messages) if (++taken === count) return;
}

/** Reads one stream from its start. Answers events per second. */
export const streamRead = async (client: EventStoreDBClient, stream: string, count: number): Promise<number> =>
  count / (await secondsOf(() => take(client.readStream(stream, { maxCount: count }), count)));

/** Reads `$all` from its start. Answers events per second. */
export const allRead = async (client: EventStoreDBClient, count: number): Promise<number> =>
  count / (await secondsOf(() => take(client.readAll({ maxCount: count }), count)));

/** Subscribes to one stream from its start, until so many events came. Answers events per second. */
export async function catchUp(client: EventStoreDBClient, stream: string, count: number): Promise<number> {
  const subscription = client.subscribeToStream(stream, { fromRevision: START });
  try {
    return count / (await secondsOf(() => take(subscription, count)));
  } finally {
    await subscription.unsubscribe();
  }
}

/** Milliseconds from the call of an append until a live subscriber has its event, one append at a time. */
export async function liveLatency(client: EventStoreDBClient, count: number): Promise<{ readonly p50: number; readonly p99: number }> {
  const stream = `live-${randomUUID()}`;
  const subscription = client.subscribeToStream(stream, { fromRevision: END });
  let arrived: () => void = () => undefined;
  subscription.on('data', () => arrived());
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  const latencies: number[] = [];
  for (let round = 0; round < count; round++) {
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const begun = performance.now();
    const appended = client.appendToStream(stream, events(1));
    await arrival;
    latencies.push(performance.now() - begun);
    await appended;
  }
  await subscription.unsubscribe();
  return { p50: percentile(latencies, 50), p99: percentile(latencies, 99) };
}

/** One consumer of a persistent subscription that acknowledges each event by itself. Answers events per second. */
export async function acknowledged(client: EventStoreDBClient, stream: string, count: number): Promise<number> {
  const group = randomUUID();
  await client.createPersistentSubscriptionToStream(
    stream,
    group,
    persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START }),
  );
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize: 100 });
  const seconds = await secondsOf(
    () =>
      new Promise<void>((resolve, reject) => {
        let taken = 0;
        subscription.on('error', reject);
        subscription.on('data', (event) => {
          void subscription.ack(event);
          if (++taken === count) resolve();
        });
      }),
  );
  await subscription.unsubscribe();
  await client.deletePersistentSubscriptionToStream(stream, group);
  return count / seconds;
}
