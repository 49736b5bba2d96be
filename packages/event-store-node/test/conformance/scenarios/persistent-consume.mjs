// Consuming from persistent subscription groups: delivery, acknowledgement, retries, parking, strategies, checkpoints.

import { ALL, deliveries } from '../lib.mjs';

const setUp = async (t, fields = {}, count = 3) => {
  const s = t.stream();
  const g = t.group();
  const seeded = count ? await t.seed(s, count) : undefined;
  await t.createGroup(s, g, fields);
  return { s, g, seeded };
};

const parkedOf = (s, g) => `$persistentsubscription-${s}::${g}-parked`;
const checkpointOf = (s, g) => `$persistentsubscription-${s}::${g}-checkpoint`;
const dataOf = (messages) =>
  messages.map((message) => (message.event ? { type: message.event.event.metadata.type, data: message.event.event.data } : message));
const counts = ['status', 'lastCheckpointed', 'lastKnown', 'outstanding', 'inFlight', 'retryBufferCount', 'parked'];
const perConsumer = (consumers) => consumers.map((consumer) => consumer.events.length).sort((a, b) => a - b);

/** Acknowledges whatever arrives until `count` events came. */
const drain = async (consumer, count, ms = 5000) => {
  let acked = 0;
  const until = Date.now() + ms * consumer.scenario.slack;
  while (acked < count && Date.now() < until) {
    if (!(await consumer.arrived(acked + 1, until - Date.now()))) return;
    const events = consumer.events.slice(acked);
    consumer.ack(consumer.ids(events));
    acked += events.length;
  }
};

export const scenarios = {
  'consume/confirmation and delivery': async (t) => {
    const { s, g } = await setUp(t);
    const consumer = t.consume(s, g);
    await consumer.arrived(3);
    await consumer.finish();
  },
  'consume/live events': async (t) => {
    const { s, g } = await setUp(t, { from: 'end' });
    const consumer = t.consume(s, g);
    await consumer.confirmed();
    await t.info(s, g, { only: ['status'] });
    await t.seed(s, 2);
    await consumer.arrived(2);
    await consumer.finish();
  },
  'consume/from a revision': async (t) => {
    for (const from of [0, 1, 2, 3, 5]) {
      const { s, g } = await setUp(t, { from });
      const consumer = t.consume(s, g);
      await consumer.arrived(Math.max(0, 3 - from));
      await t.info(s, g, { only: ['status'] });
      for (let turn = 0; turn < 4; turn++) await t.seed(s, 1);
      await consumer.arrived(from <= 3 ? 7 - from : 2);
      await consumer.finish(undefined, deliveries);
    }
  },
  'consume/before the stream exists': async (t) => {
    for (const from of ['start', 'end']) {
      const { s, g } = await setUp(t, { from }, 0);
      const consumer = t.consume(s, g);
      await consumer.confirmed();
      await consumer.settle(200);
      await t.seed(s, 2);
      await consumer.arrived(2);
      await consumer.finish();
    }
  },
  'consume/ids as strings, unspecified': async (t) => {
    for (const uuid of ['string', 'empty', 'absent']) {
      const { s, g } = await setUp(t, {}, 1);
      const consumer = t.consume(s, g, { uuid, label: `consume with uuid option ${uuid}` });
      await consumer.arrived(1, 2000);
      await consumer.finish();
    }
  },
  'consume/buffer sizes': async (t) => {
    for (const buffer of [1, 2, 5]) {
      const { s, g } = await setUp(t, {}, 6);
      const consumer = t.consume(s, g, { buffer });
      await consumer.arrived(buffer);
      await consumer.settle();
      consumer.record(`unacknowledged, buffer ${buffer}`, deliveries);
      consumer.ack(consumer.ids().slice(0, 1));
      await consumer.arrived(buffer + 1);
      await consumer.finish(`after one acknowledgement, buffer ${buffer}`, deliveries);
    }
  },
  'consume/buffer sizes that cannot be': async (t) => {
    for (const buffer of [0, -1]) {
      const { s, g } = await setUp(t, {}, 1);
      const consumer = t.consume(s, g, { buffer });
      await consumer.until(() => false, 700);
      await consumer.finish();
    }
  },
  'consume/all of a long history': async (t) => {
    const { s, g } = await setUp(t, { minCheckpointCount: 1000 }, 120);
    const consumer = t.consume(s, g, { buffer: 10 });
    await drain(consumer, 120, 10_000);
    await consumer.finish('a hundred and twenty events', (messages) => [deliveries(messages).join(', ')]);
    await t.info(s, g, { ready: (info) => info.outstanding === 0, only: counts });
  },
  'consume/history, then live': async (t) => {
    const { s, g } = await setUp(t, {}, 30);
    const consumer = t.consume(s, g, { buffer: 5 });
    await drain(consumer, 30);
    for (let turn = 0; turn < 10; turn++) await t.seed(s, 1);
    const more = async () => {
      for (let turn = 0; turn < 100 && consumer.events.length < 40; turn++) {
        consumer.ack(consumer.ids().slice(30));
        await consumer.until(() => false, 50);
      }
    };
    await more();
    await consumer.finish('forty events', (messages) => [deliveries(messages).join(', ')]);
  },
  'consume/a live buffer that overflows': async (t) => {
    const { s, g } = await setUp(t, { from: 'start', liveBufferSize: 10, historyBufferSize: 20, readBatchSize: 5 }, 1);
    const consumer = t.consume(s, g, { buffer: 1 });
    await consumer.arrived(1);
    await t.info(s, g, { only: ['status'] });
    for (let turn = 0; turn < 6; turn++) await t.seed(s, 10);
    await drain(consumer, 61, 12_000);
    await consumer.finish('sixty-one events', (messages) => [deliveries(messages).join(', ')]);
  },

  'consume/acknowledged events do not come again': async (t) => {
    const { s, g } = await setUp(t);
    const consumer = t.consume(s, g);
    await drain(consumer, 3);
    await t.info(s, g, { ready: (info) => info.outstanding === 0, only: counts });
    consumer.stop();
    const again = t.consume(s, g);
    await again.confirmed();
    await again.finish('a second consumer', deliveries);
  },
  'consume/one acknowledgement of many, in any order': async (t) => {
    const { s, g } = await setUp(t, {}, 5);
    const consumer = t.consume(s, g, { buffer: 5 });
    await consumer.arrived(5);
    consumer.ack([4, 1, 0].map((index) => consumer.ids()[index]));
    await t.info(s, g, { ready: (info) => info.outstanding === 2, only: counts });
    await consumer.finish(undefined, deliveries);
    const again = t.consume(s, g);
    await again.arrived(2);
    await again.finish('a second consumer', deliveries);
  },
  'consume/acknowledging by string ids, twice, unknown ids, none': async (t) => {
    const { s, g } = await setUp(t);
    const consumer = t.consume(s, g);
    await consumer.arrived(3);
    consumer.ack(consumer.ids().slice(0, 1), 'string');
    await t.info(s, g, { ready: (info) => info.outstanding === 2, only: counts });
    consumer.ack(consumer.ids().slice(0, 1));
    consumer.ack([t.id()]);
    consumer.ack([]);
    consumer.nack([t.id()], 'RETRY');
    await consumer.settle();
    await t.info(s, g, { only: counts });
    await consumer.finish(undefined, deliveries);
  },
  'consume/a bad acknowledgement': async (t) => {
    for (const [label, form] of [
      ['without value', 'empty'],
      ['that is no uuid', 'string'],
    ]) {
      const { s, g } = await setUp(t, {}, 1);
      const consumer = t.consume(s, g);
      await consumer.arrived(1);
      consumer.ack(['nonsense'], form);
      await consumer.until(() => false, 500);
      consumer.ack(consumer.ids());
      await consumer.settle(300);
      await consumer.finish(`acknowledging an id ${label}`, deliveries);
      await t.info(s, g, { ready: (info) => info.connections.length === 0, only: counts });
    }
  },
  'consume/first message is not options': async (t) => {
    const { P } = t.protocol;
    const { s, g } = await setUp(t, {}, 1);
    const ack = new P.ReadReq();
    ack.setAck(new P.ReadReq.Ack());
    for (const [label, first] of [
      ['an acknowledgement', ack],
      ['an empty message', new P.ReadReq()],
    ]) {
      const consumer = t.consume(s, g, { first });
      await consumer.ended(2000);
      await consumer.finish(`${label} first`);
    }
    const twice = t.consume(s, g);
    await twice.arrived(1);
    const options = new P.ReadReq.Options();
    options.setGroupName(g);
    options.setBufferSize(1);
    options.setStreamIdentifier(t.identifier(s));
    const message = new P.ReadReq();
    message.setOptions(options);
    twice.write(message);
    await twice.until(() => false, 500);
    await twice.finish('options a second time', deliveries);
  },
  'consume/closing the client side': async (t) => {
    const { s, g } = await setUp(t, {}, 1);
    const consumer = t.consume(s, g);
    await consumer.arrived(1);
    consumer.halfClose();
    await consumer.until(() => false, 500);
    await t.seed(s, 1);
    await consumer.settle(400);
    await consumer.finish(undefined, deliveries);
  },

  'retry/nack with every action': {
    limit: 40_000,
    run: async (t) => {
      for (const action of ['UNKNOWN', 'RETRY', 'PARK', 'SKIP', 'STOP', 9]) {
        const { s, g } = await setUp(t, { maxRetryCount: 5 }, 2);
        const consumer = t.consume(s, g);
        await consumer.arrived(2);
        consumer.nack(consumer.ids().slice(0, 1), action);
        await consumer.arrived(3, action === 'UNKNOWN' || action === 'RETRY' ? 3000 : 400);
        await consumer.settle(300);
        await t.info(s, g, { ready: (info) => action !== 'PARK' || info.parked === '1', only: counts, label: `info after nack ${action}` });
        await consumer.finish(`nack ${action}`, deliveries);
      }
    },
  },
  'retry/retries are counted, then the event is parked': async (t) => {
    for (const maxRetryCount of [0, 1, 3]) {
      const { s, g } = await setUp(t, { maxRetryCount }, 1);
      const consumer = t.consume(s, g);
      for (let turn = 0; turn <= maxRetryCount; turn++) {
        await consumer.arrived(turn + 1);
        consumer.nack(consumer.ids().slice(-1), 'RETRY');
      }
      await t.info(s, g, { ready: (info) => info.parked === '1', only: counts });
      await consumer.finish(`at most ${maxRetryCount} retries`, deliveries);
      await t.readUntil(parkedOf(s, g), (feed) => feed.events.length > 0);
    }
  },
  'retry/a message timeout delivers again': {
    limit: 40_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { messageTimeoutMs: 1000, maxRetryCount: 5 }, 1);
      const consumer = t.consume(s, g);
      await consumer.arrived(2, 8000);
      consumer.ack(consumer.ids().slice(-1));
      await t.info(s, g, { ready: (info) => info.outstanding === 0, only: counts });
      await consumer.settle(2500);
      await consumer.finish(undefined, deliveries);
    },
  },
  'retry/message timeouts park in the end': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { messageTimeoutMs: 1000, maxRetryCount: 1 }, 1);
      const consumer = t.consume(s, g);
      await t.info(s, g, { ready: (info) => info.parked === '1', ms: 15_000, only: counts });
      await consumer.finish(undefined, deliveries);
      await t.readUntil(parkedOf(s, g), (feed) => feed.events.length > 0);
    },
  },
  'retry/no message timeout': {
    limit: 40_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { messageTimeoutMs: 0 }, 1);
      const consumer = t.consume(s, g);
      await consumer.arrived(1);
      await consumer.arrived(2, 3500);
      await t.info(s, g, { only: [...counts, 'messageTimeoutMs'] });
      await consumer.finish(undefined, deliveries);
    },
  },
  'retry/a retried event comes before later ones': async (t) => {
    const { s, g } = await setUp(t, {}, 6);
    const consumer = t.consume(s, g, { buffer: 2 });
    await consumer.arrived(2);
    consumer.nack(consumer.ids().slice(0, 1), 'RETRY');
    await consumer.arrived(3);
    consumer.ack(consumer.ids().slice(1, 2));
    await consumer.arrived(4);
    await consumer.finish(undefined, deliveries);
  },
  'retry/a nack of several events': async (t) => {
    const { s, g } = await setUp(t, {}, 4);
    const consumer = t.consume(s, g);
    await consumer.arrived(4);
    consumer.nack(consumer.ids().slice(1, 4), 'RETRY');
    await consumer.arrived(7);
    await consumer.finish(undefined, deliveries);
  },
  'retry/a consumer that disconnects': async (t) => {
    const { s, g } = await setUp(t, { strategy: 'DispatchToSingle' });
    const channel = t.channel();
    const first = t.consume(s, g, { channel });
    await first.arrived(3);
    const second = t.consume(s, g);
    await second.confirmed();
    first.ack(first.ids().slice(0, 1));
    await t.info(s, g, { ready: (info) => info.outstanding === 2, only: counts });
    first.stop();
    t.closeChannel(channel);
    await second.arrived(2);
    first.record('the first consumer', deliveries);
    await second.finish('the second consumer', deliveries);
  },
  'retry/a consumer that disconnects, none waiting': async (t) => {
    const { s, g } = await setUp(t, { maxRetryCount: 1 });
    for (let turn = 0; turn < 3; turn++) {
      const consumer = t.consume(s, g);
      await consumer.arrived(3, 2000);
      await consumer.finish(`consumer ${turn + 1}`, deliveries);
      await t.info(s, g, { ready: (info) => info.connections.length === 0, only: counts });
    }
  },

  'park/the parked stream': async (t) => {
    const { s, g } = await setUp(t);
    const consumer = t.consume(s, g);
    await consumer.arrived(3);
    const [a, b, c] = consumer.ids();
    consumer.nack([b], 'PARK', 'the second one');
    await t.info(s, g, { ready: (info) => info.parked === '1', only: counts });
    consumer.nack([a], 'PARK', '');
    await t.info(s, g, { ready: (info) => info.parked === '2', only: counts });
    consumer.ack([c]);
    await t.readUntil(parkedOf(s, g), (feed) => feed.events.length >= 2);
    await t.read(parkedOf(s, g), { links: true });
    await t.read(`$$${parkedOf(s, g)}`);
    await consumer.finish(undefined, deliveries);
  },
  'park/replay all': async (t) => {
    const { s, g } = await setUp(t, { maxRetryCount: 2 });
    const consumer = t.consume(s, g);
    await consumer.arrived(3);
    consumer.nack(consumer.ids(), 'PARK', 'later');
    await t.info(s, g, { ready: (info) => info.parked === '3', only: counts });
    await t.replayParked(s, g);
    await consumer.arrived(6);
    consumer.record('after the replay', (messages) => deliveries(messages));
    consumer.ack(consumer.ids().slice(3));
    await t.info(s, g, { ready: (info) => info.outstanding === 0 && info.parked === '0', only: counts });
    await t.readUntil(parkedOf(s, g), (feed) => feed.events.length === 0);
    await t.read(`$$${parkedOf(s, g)}`);
    await consumer.finish('full messages', (messages) => messages.slice(4, 5));
  },
  'park/replay up to a limit': async (t) => {
    const { s, g } = await setUp(t, {}, 4);
    const consumer = t.consume(s, g);
    await consumer.arrived(4);
    for (const [index, id] of consumer.ids().entries()) {
      consumer.nack([id], 'PARK', `number ${index}`);
      await t.info(s, g, { ready: (info) => info.parked === String(index + 1), only: ['parked'] });
    }
    await t.replayParked(s, g, { stopAt: 2 });
    await consumer.arrived(6);
    await consumer.settle();
    consumer.ack(consumer.ids().slice(4));
    await t.info(s, g, { ready: (info) => info.outstanding === 0, only: counts });
    await t.readUntil(parkedOf(s, g), (feed) => feed.events.length === 2, { shape: dataOf });
    await t.replayParked(s, g, { stopAt: 100 });
    await consumer.arrived(8);
    await consumer.finish(undefined, deliveries);
  },
  'park/replay with nothing parked': async (t) => {
    const { s, g } = await setUp(t);
    await t.replayParked(s, g);
    await t.replayParked(s, g, { stopAt: 5 });
    await t.info(s, g, { only: counts });
    await t.read(parkedOf(s, g));
  },
  'park/odd limits': async (t) => {
    for (const stopAt of [0, -1, 'unset']) {
      const { s, g } = await setUp(t, {}, 1);
      const consumer = t.consume(s, g);
      await consumer.arrived(1);
      consumer.nack(consumer.ids(), 'PARK');
      await t.info(s, g, { ready: (info) => info.parked === '1', only: ['parked'] });
      await t.replayParked(s, g, { stopAt });
      await consumer.settle(400);
      await consumer.finish(`replay up to ${stopAt}`, deliveries);
    }
  },
  'park/a replayed event parked again': async (t) => {
    const { s, g } = await setUp(t, { maxRetryCount: 1 }, 1);
    const consumer = t.consume(s, g);
    await consumer.arrived(1);
    consumer.nack(consumer.ids(), 'PARK', 'first');
    await t.info(s, g, { ready: (info) => info.parked === '1', only: ['parked'] });
    await t.replayParked(s, g);
    await consumer.arrived(2);
    consumer.nack(consumer.ids().slice(-1), 'RETRY', 'again');
    await consumer.arrived(3);
    consumer.nack(consumer.ids().slice(-1), 'RETRY', 'and again');
    await t.info(s, g, { ready: (info) => info.parked === '1' && info.outstanding === 0, only: counts });
    await t.readUntil(parkedOf(s, g), (feed) => feed.events.length === 1);
    await consumer.finish(undefined, deliveries);
  },
  'park/deleting the group deletes its parked stream': async (t) => {
    const { s, g } = await setUp(t, {}, 1);
    const consumer = t.consume(s, g);
    await consumer.arrived(1);
    consumer.nack(consumer.ids(), 'PARK');
    await t.info(s, g, { ready: (info) => info.parked === '1', only: ['parked'] });
    await t.deleteGroup(s, g);
    await consumer.ended(2000);
    await t.readUntil(parkedOf(s, g), (feed) => feed.events.length === 0);
    await t.createGroup(s, g);
    await t.info(s, g, { only: counts });
  },

  'strategy/RoundRobin with two consumers': async (t) => {
    const { s, g } = await setUp(t, { strategy: 'RoundRobin', from: 'end' }, 0);
    const consumers = [t.consume(s, g), t.consume(s, g)];
    for (const consumer of consumers) await consumer.confirmed();
    await t.info(s, g, { ready: (info) => info.connections.length === 2, only: ['status'] });
    await t.seed(s, 8);
    for (const consumer of consumers) await consumer.arrived(4);
    for (const consumer of consumers) await consumer.settle();
    t.note('events per consumer', { value: perConsumer(consumers) });
  },
  'strategy/RoundRobin when one is full': async (t) => {
    const { s, g } = await setUp(t, { strategy: 'RoundRobin', from: 'end' }, 0);
    const consumers = [t.consume(s, g, { buffer: 1 }), t.consume(s, g, { buffer: 20 })];
    for (const consumer of consumers) await consumer.confirmed();
    await t.info(s, g, { ready: (info) => info.connections.length === 2, only: ['status'] });
    await t.seed(s, 8);
    await consumers[1].arrived(7);
    for (const consumer of consumers) await consumer.settle();
    t.note('events per consumer', { value: perConsumer(consumers) });
  },
  'strategy/DispatchToSingle': async (t) => {
    const { s, g } = await setUp(t, { strategy: 'DispatchToSingle', from: 'end' }, 0);
    const consumers = [t.consume(s, g, { buffer: 5 }), t.consume(s, g, { buffer: 5 })];
    for (const consumer of consumers) await consumer.confirmed();
    await t.info(s, g, { ready: (info) => info.connections.length === 2, only: ['status'] });
    await t.seed(s, 4);
    await consumers[0].until(() => perConsumer(consumers).at(-1) >= 4, 3000);
    for (const consumer of consumers) await consumer.settle();
    t.note('four events, none acknowledged', { value: perConsumer(consumers) });
    await t.seed(s, 4);
    await consumers[0].until(() => perConsumer(consumers)[0] >= 3, 1500);
    for (const consumer of consumers) await consumer.settle();
    t.note('eight events, none acknowledged', { value: perConsumer(consumers) });
  },
  'strategy/Pinned keeps a stream with its consumer': async (t) => {
    const streams = Array.from({ length: 6 }, () => t.stream());
    const { position: from } = await t.seed(t.stream(), 1);
    const g = t.group();
    await t.createGroup(ALL, g, { strategy: 'Pinned', from, filter: { stream: { prefix: streams } } });
    const consumers = [t.consume(ALL, g, { buffer: 50 }), t.consume(ALL, g, { buffer: 50 })];
    for (const consumer of consumers) await consumer.confirmed();
    for (let turn = 0; turn < 3; turn++) for (const stream of streams) await t.seed(stream, 1);
    await consumers[0].until(() => consumers[0].events.length + consumers[1].events.length >= 18, 5000);
    await consumers[0].settle();
    const owners = (stream) =>
      consumers.filter((consumer) => consumer.events.some((message) => message.event.event.stream === stream)).length;
    t.note('delivery', {
      value: { events: consumers[0].events.length + consumers[1].events.length, consumersPerStream: streams.map(owners) },
    });
  },
  'strategy/Pinned follows links to their streams': async (t) => {
    const streams = Array.from({ length: 6 }, () => t.stream());
    const list = t.stream();
    for (const stream of streams) await t.seed(stream, 3);
    const g = t.group();
    await t.createGroup(list, g, { strategy: 'Pinned', resolveLinks: true });
    const consumers = [t.consume(list, g, { buffer: 50 }), t.consume(list, g, { buffer: 50 })];
    for (const consumer of consumers) await consumer.confirmed();
    for (let turn = 0; turn < 3; turn++)
      await t.seed(
        list,
        streams.map((stream) => t.link(stream, turn)),
      );
    await consumers[0].until(() => consumers[0].events.length + consumers[1].events.length >= 18, 5000);
    await consumers[0].settle();
    const owners = (stream) =>
      consumers.filter((consumer) => consumer.events.some((message) => message.event.event?.stream === stream)).length;
    t.note('delivery', {
      value: { events: consumers[0].events.length + consumers[1].events.length, consumersPerStream: streams.map(owners) },
    });
  },
  'strategy/PinnedByCorrelation keeps a correlation with its consumer': async (t) => {
    const { s, g } = await setUp(t, { strategy: 'PinnedByCorrelation', from: 'end' }, 0);
    const consumers = [t.consume(s, g, { buffer: 50 }), t.consume(s, g, { buffer: 50 })];
    for (const consumer of consumers) await consumer.confirmed();
    await t.info(s, g, { ready: (info) => info.connections.length === 2, only: ['status'] });
    const chains = ['a', 'b', 'c', 'd'].map((name) => `{"$correlationId":"${name}"}`);
    for (let turn = 0; turn < 3; turn++) for (const custom of chains) await t.seed(s, 1, { custom });
    await consumers[0].until(() => consumers[0].events.length + consumers[1].events.length >= 12, 5000);
    await consumers[0].settle();
    const owners = (custom) =>
      consumers.filter((consumer) => consumer.events.some((message) => message.event.event.custom === custom)).length;
    t.note('delivery', {
      value: { events: consumers[0].events.length + consumers[1].events.length, consumersPerCorrelation: chains.map(owners) },
    });
  },
  'strategy/the most consumers allowed': async (t) => {
    const { s, g } = await setUp(t, { maxSubscriberCount: 1 });
    const first = t.consume(s, g);
    await first.arrived(3);
    const second = t.consume(s, g);
    await second.ended(2000);
    await second.finish('one too many');
    await first.finish('the first', deliveries);
    await t.info(s, g, { ready: (info) => info.connections.length === 0, only: ['status'] });
    const third = t.consume(s, g);
    await third.arrived(3);
    await third.finish('after the first left', deliveries);
  },

  'links/resolved: acknowledged by the link': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    const g = t.group();
    const { events } = await t.seed(target, 2);
    await t.seed(list, [t.link(target, 0), t.link(target, 1), t.event()]);
    await t.createGroup(list, g, { resolveLinks: true });
    const consumer = t.consume(list, g);
    await consumer.arrived(3);
    consumer.ack(events.map((event) => event.id));
    await t.info(list, g, { ready: (info) => info.outstanding < 3, ms: 600, only: counts, label: 'info after acknowledging the targets' });
    consumer.ack(consumer.ids());
    await t.info(list, g, { ready: (info) => info.outstanding === 0, only: counts, label: 'info after acknowledging the links' });
    await consumer.finish();
  },
  'links/unresolved': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    const g = t.group();
    await t.seed(target, 1);
    await t.seed(list, [t.link(target, 0)]);
    await t.createGroup(list, g, { resolveLinks: false });
    const consumer = t.consume(list, g);
    await consumer.arrived(1);
    consumer.ack(consumer.ids());
    await t.info(list, g, { ready: (info) => info.outstanding === 0, only: counts });
    await consumer.finish();
  },
  'links/targets that are gone': async (t) => {
    const [soft, hard, list] = [t.stream(), t.stream(), t.stream()];
    const g = t.group();
    await t.seed(soft, 1);
    await t.seed(hard, 1);
    await t.seed(list, [t.link(soft, 0), t.link(hard, 0), t.link(t.stream(), 4), t.event()]);
    await t.delete(soft);
    await t.tombstone(hard);
    await t.createGroup(list, g, { resolveLinks: true });
    const consumer = t.consume(list, g);
    await consumer.arrived(4, 2000);
    consumer.nack(consumer.ids().slice(0, 1), 'PARK', 'its target is gone');
    await t.info(list, g, { ready: (info) => info.parked === '1', ms: 1500, only: counts });
    await consumer.finish();
    await t.readUntil(parkedOf(list, g), (feed) => feed.events.length > 0, { ms: 1500 });
  },
  'links/parked and replayed': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    const g = t.group();
    await t.seed(target, 2);
    await t.seed(list, [t.link(target, 1)]);
    await t.createGroup(list, g, { resolveLinks: true });
    const consumer = t.consume(list, g);
    await consumer.arrived(1);
    consumer.nack(consumer.ids(), 'PARK');
    await t.info(list, g, { ready: (info) => info.parked === '1', only: ['parked'] });
    await t.readUntil(parkedOf(list, g), (feed) => feed.events.length > 0);
    await t.replayParked(list, g);
    await consumer.arrived(2);
    await consumer.finish();
  },

  'checkpoint/written and honoured': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { minCheckpointCount: 1, maxCheckpointCount: 2, checkpointAfterMs: 500 }, 6);
      const consumer = t.consume(s, g, { buffer: 4 });
      await consumer.arrived(4);
      consumer.ack(consumer.ids().slice(0, 4));
      await consumer.arrived(6);
      await t.readUntil(checkpointOf(s, g), (feed) => String(feed.events[0]?.event.event.data?.json) === '3', {
        from: 'end',
        direction: 'backwards',
        count: 1,
        shape: dataOf,
      });
      await t.read(`$$${checkpointOf(s, g)}`, { from: 'end', direction: 'backwards', count: 1, shape: dataOf });
      await t.info(s, g, { ready: (info) => info.lastCheckpointed === '3', only: counts });
      consumer.stop();
      await t.restartSubsystem();
      await t.groupAnswers(s, g);
      await t.info(s, g, { only: ['status', 'lastCheckpointed', 'startFrom'] });
      const again = t.consume(s, g);
      await again.arrived(2);
      await again.finish('after the restart', deliveries);
    },
  },
  'checkpoint/stops before the lowest unacknowledged event': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { minCheckpointCount: 1, maxCheckpointCount: 1, checkpointAfterMs: 500 }, 6);
      const consumer = t.consume(s, g);
      await consumer.arrived(6);
      const ids = consumer.ids();
      consumer.ack([ids[0], ids[1], ids[3], ids[4]]);
      await t.info(s, g, { ready: (info) => info.lastCheckpointed === '1', only: counts });
      consumer.ack([ids[2]]);
      await t.info(s, g, { ready: (info) => info.lastCheckpointed === '4', only: counts });
      consumer.stop();
      await t.restartSubsystem();
      await t.groupAnswers(s, g);
      const again = t.consume(s, g);
      await again.arrived(1);
      await again.finish('after the restart', deliveries);
    },
  },
  'checkpoint/none acknowledged, none written': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { minCheckpointCount: 1, maxCheckpointCount: 1, checkpointAfterMs: 500 }, 3);
      const consumer = t.consume(s, g);
      await consumer.arrived(3);
      await consumer.settle(1500);
      await t.read(checkpointOf(s, g));
      consumer.stop();
      await t.restartSubsystem();
      await t.groupAnswers(s, g);
      const again = t.consume(s, g);
      await again.arrived(3);
      await again.finish('after the restart', deliveries);
    },
  },
  'checkpoint/update keeps it': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { minCheckpointCount: 1, maxCheckpointCount: 1, checkpointAfterMs: 500 }, 4);
      const consumer = t.consume(s, g);
      await consumer.arrived(4);
      consumer.ack(consumer.ids().slice(0, 2));
      await t.info(s, g, { ready: (info) => info.lastCheckpointed === '1', only: counts });
      consumer.stop();
      await t.updateGroup(s, g, { from: 'start', maxRetryCount: 9 });
      await t.groupAnswers(s, g);
      const again = t.consume(s, g);
      await again.arrived(2);
      await again.finish('after the update', deliveries);
    },
  },
  'checkpoint/deleting the group forgets it': {
    limit: 60_000,
    run: async (t) => {
      const { s, g } = await setUp(t, { minCheckpointCount: 1, maxCheckpointCount: 1, checkpointAfterMs: 500 }, 3);
      const consumer = t.consume(s, g);
      await drain(consumer, 3);
      await t.info(s, g, { ready: (info) => info.lastCheckpointed === '2', only: counts });
      consumer.stop();
      await t.deleteGroup(s, g);
      await t.readUntil(checkpointOf(s, g), (feed) => feed.events.length === 0);
      await t.createGroup(s, g);
      await t.groupAnswers(s, g);
      const again = t.consume(s, g);
      await again.arrived(3);
      await again.finish('a new group of the same name', deliveries);
    },
  },

  'consume all/with a filter': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const g = t.group();
    const { position: from } = await t.seed(b, 1);
    await t.seed(a, 2);
    await t.seed(b, 1);
    await t.createGroup(ALL, g, { from, filter: { stream: { prefix: [a] } } });
    const consumer = t.consume(ALL, g);
    await consumer.arrived(2);
    await t.seed(b, 1);
    await t.seed(a, 1);
    await consumer.arrived(3);
    consumer.ack(consumer.ids());
    await t.info(ALL, g, { ready: (info) => info.outstanding === 0, only: ['outstanding', 'startFrom'] });
    await consumer.finish();
  },
  'consume all/without a filter, acknowledged one by one': async (t) => {
    const s = t.stream();
    const g = t.group();
    const { position: from } = await t.seed(s, 1);
    await t.seed(s, 2);
    await t.createGroup(ALL, g, { from });
    const consumer = t.consume(ALL, g, { buffer: 200 });
    await consumer.arrived(3);
    consumer.ack(consumer.ids());
    await consumer.finish(undefined, (messages) => messages.filter((message) => !message.event || message.event.event?.stream === s));
  },
  'consume all/live from the end': async (t) => {
    const s = t.stream();
    const g = t.group();
    await t.seed(s, 2);
    await t.createGroup(ALL, g, { from: 'end', filter: { stream: { prefix: [s] } } });
    const consumer = t.consume(ALL, g);
    await consumer.confirmed();
    await t.info(ALL, g, { ms: 6000, only: ['status'] });
    await t.seed(s, 2);
    await consumer.arrived(2);
    await consumer.finish(undefined, deliveries);
  },
  'consume all/type filter and retries': async (t) => {
    const s = t.stream();
    const g = t.group();
    const { position: from } = await t.seed(s, 1, { type: t.type('other') });
    await t.seed(s, 2, { type: t.type('wanted') });
    await t.createGroup(ALL, g, { from, filter: { type: { regex: `^${t.type('wanted')}$` } } });
    const consumer = t.consume(ALL, g);
    await consumer.arrived(2);
    consumer.nack(consumer.ids().slice(0, 1), 'RETRY');
    await consumer.arrived(3);
    await consumer.finish(undefined, deliveries);
  },
  'consume all/parked and replayed': async (t) => {
    const s = t.stream();
    const g = t.group();
    const { position: from } = await t.seed(s, 1);
    await t.seed(s, 1);
    await t.createGroup(ALL, g, { from, filter: { stream: { prefix: [s] } } });
    const consumer = t.consume(ALL, g);
    await consumer.arrived(2, 3000);
    consumer.nack(consumer.ids().slice(-1), 'PARK', 'for later');
    await t.info(ALL, g, { ready: (info) => info.parked === '1', only: ['parked'] });
    await t.readUntil(parkedOf('$all', g), (feed) => feed.events.length > 0);
    await t.replayParked(ALL, g);
    await consumer.until(() => deliveries(consumer.messages).length >= 3, 3000);
    await consumer.finish(undefined, deliveries);
  },
  'consume all/its bookkeeping is hidden from $all': {
    limit: 60_000,
    run: async (t) => {
      const s = t.stream();
      const g = t.group();
      const { position: from } = await t.seed(s, 1);
      await t.seed(s, 2);
      await t.createGroup(ALL, g, {
        from,
        minCheckpointCount: 1,
        maxCheckpointCount: 1,
        checkpointAfterMs: 500,
        filter: { stream: { prefix: [s] } },
      });
      const consumer = t.consume(ALL, g);
      await drain(consumer, 3);
      await t.readUntil(checkpointOf('$all', g), (feed) => feed.events.length > 0, {
        from: 'end',
        direction: 'backwards',
        count: 1,
        shape: (messages) => messages.map((m) => m.event?.event.metadata.type ?? m),
      });
      await consumer.finish(undefined, deliveries);
      await t.read(ALL, {
        from,
        count: 100_000,
        shape: (messages) => messages.map((m) => (m.event ? `${m.event.event.stream} ${m.event.event.metadata.type}` : m)),
      });
    },
  },
  'consume all/checkpoint honoured after a restart': {
    limit: 60_000,
    run: async (t) => {
      const s = t.stream();
      const g = t.group();
      const { position: from } = await t.seed(s, 1);
      await t.seed(s, 3);
      await t.createGroup(ALL, g, {
        from,
        minCheckpointCount: 1,
        maxCheckpointCount: 1,
        checkpointAfterMs: 500,
        filter: { stream: { prefix: [s] } },
      });
      const consumer = t.consume(ALL, g);
      await consumer.arrived(4, 3000);
      consumer.ack(consumer.ids().slice(0, 2));
      await t.info(ALL, g, { ready: (info) => info.lastCheckpointed !== '', only: ['outstanding'] });
      consumer.stop();
      await t.restartSubsystem();
      await t.groupAnswers(ALL, g);
      const again = t.consume(ALL, g);
      await again.arrived(2, 3000);
      await again.finish('after the restart', deliveries);
    },
  },

  'consume/the stream is deleted or tombstoned': async (t) => {
    for (const verb of ['delete', 'tombstone']) {
      const { s, g } = await setUp(t, {}, 2);
      const consumer = t.consume(s, g);
      await consumer.arrived(2);
      await t[verb](s);
      await consumer.settle(500);
      if (verb === 'delete') {
        await t.seed(s, 1);
        await consumer.arrived(3);
      }
      await consumer.finish();
    }
  },
  'consume/a truncated stream': async (t) => {
    const s = t.stream();
    const g = t.group();
    await t.seed(s, 5);
    await t.setMetadata(s, { $tb: 3 });
    await t.createGroup(s, g);
    const consumer = t.consume(s, g);
    await consumer.arrived(2);
    await consumer.finish(undefined, deliveries);
  },
};
