// Managing persistent subscription groups: create, update, delete, info, list; every setting, and the refusals.

import { ALL } from '../lib.mjs';

const fresh = async (t, fields = {}, target = t.stream()) => {
  const g = t.group();
  const outcome = await t.createGroup(target, g, fields);
  return { s: target, g, created: Boolean(outcome.response) };
};

const createdAs =
  (fields, { seed = 3 } = {}) =>
  async (t) => {
    const s = t.stream();
    if (seed) await t.seed(s, seed);
    for (const each of [].concat(fields)) {
      const { g } = await fresh(t, each, s);
      await t.info(s, g);
    }
  };

export const scenarios = {
  'group/create with the defaults': createdAs({}),
  'group/create with every setting changed': createdAs({
    resolveLinks: true,
    extraStatistics: true,
    maxRetryCount: 3,
    minCheckpointCount: 4,
    maxCheckpointCount: 55,
    maxSubscriberCount: 6,
    liveBufferSize: 77,
    readBatchSize: 8,
    historyBufferSize: 99,
    strategy: 'Pinned',
    messageTimeoutMs: 4321,
    checkpointAfterMs: 1234,
    from: 2,
  }),
  'group/create from start, end, revisions': createdAs([
    { from: 'start' },
    { from: 'end' },
    { from: 0 },
    { from: 2 },
    { from: 3 },
    { from: 100 },
    { from: 'unset' },
  ]),
  'group/create from revisions that cannot be': createdAs(
    ['9223372036854775807', '9223372036854775808', '18446744073709551614', '18446744073709551615'].map((from) => ({ from })),
  ),
  'group/create on a stream that does not exist': createdAs({}, { seed: 0 }),
  'group/create in the old style': createdAs([{ oldStyle: true }, { oldStyle: true, oldRevision: 1 }, { onlyNewStyle: true }]),
  'group/strategies by name': createdAs(
    ['DispatchToSingle', 'RoundRobin', 'Pinned', 'PinnedByCorrelation', 'roundrobin', 'NoSuchStrategy', ' '].map((strategy) => ({
      strategy,
    })),
  ),
  'group/strategies by number': createdAs(['DISPATCHTOSINGLE', 'ROUNDROBIN', 'PINNED', 9].map((namedStrategy) => ({ namedStrategy }))),
  'group/the strategy name wins over the number': createdAs([
    { strategy: 'Pinned', namedStrategy: 'ROUNDROBIN' },
    { strategy: '', namedStrategy: 'PINNED' },
  ]),
  'group/times in ticks': createdAs([
    { messageTimeoutTicks: 50_000_000, checkpointAfterTicks: 30_000_000 },
    { messageTimeoutTicks: 1, checkpointAfterTicks: 0 },
  ]),
  'group/times left out, zero, negative': createdAs([
    { messageTimeoutMs: 'unset', checkpointAfterMs: 'unset' },
    { messageTimeoutMs: 0 },
    { checkpointAfterMs: 0 },
    { messageTimeoutMs: -1 },
    { checkpointAfterMs: -1 },
  ]),
  'group/read batch against history buffer': createdAs([
    { readBatchSize: 19, historyBufferSize: 20 },
    { readBatchSize: 20, historyBufferSize: 20 },
    { readBatchSize: 21, historyBufferSize: 20 },
    { readBatchSize: 20, historyBufferSize: 0 },
  ]),
  'group/numbers of zero': createdAs(
    ['maxRetryCount', 'minCheckpointCount', 'maxCheckpointCount', 'maxSubscriberCount', 'liveBufferSize', 'readBatchSize'].map((key) => ({
      [key]: 0,
    })),
  ),
  'group/numbers below zero': createdAs(
    ['maxRetryCount', 'minCheckpointCount', 'maxCheckpointCount', 'maxSubscriberCount', 'liveBufferSize', 'historyBufferSize'].map(
      (key) => ({ [key]: -1 }),
    ),
  ),
  'group/checkpoint counts crossed': createdAs({ minCheckpointCount: 50, maxCheckpointCount: 5 }),

  'group/create twice': async (t) => {
    const { s, g } = await fresh(t);
    await t.createGroup(s, g);
    await t.createGroup(s, g, { strategy: 'Pinned', maxRetryCount: 1 });
    await t.info(s, g, { only: ['strategy', 'maxRetryCount'] });
  },
  'group/the same name on two streams': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const g = t.group();
    await t.createGroup(a, g);
    await t.createGroup(b, g);
    await t.deleteGroup(a, g);
    await t.info(a, g);
    await t.info(b, g);
  },
  'group/stream names that are none': async (t) => {
    const g = t.group();
    for (const name of ['', '$all']) {
      await t.createGroup(name, g, { label: `create on ${JSON.stringify(name)}` });
      await t.updateGroup(name, g, { label: `update on ${JSON.stringify(name)}` });
      await t.deleteGroup(name, g, { label: `delete on ${JSON.stringify(name)}` });
    }
  },
  'group/names of every kind': async (t) => {
    const s = t.stream((name) => `${name}-日本`);
    for (const name of ['', 'with space', 'żółć', 'a::b', '$g', 'x'.repeat(1000)]) {
      const shown = name.length > 20 ? `of ${name.length} characters` : JSON.stringify(name);
      await t.createGroup(s, name, { label: `create group ${shown}` });
      await t.createGroup(s, name, { label: `create group ${shown} again` });
      await t.deleteGroup(s, name, { label: `delete group ${shown}` });
      await t.deleteGroup(s, name, { label: `delete group ${shown} again` });
    }
  },
  'group/options or settings left out': async (t) => {
    const { P, persistent } = t.protocol;
    for (const [label, request] of [
      ['no options', new P.CreateReq()],
      [
        'no settings',
        (() => {
          const options = new P.CreateReq.Options();
          options.setStreamIdentifier(t.identifier(t.stream()));
          options.setGroupName(t.group());
          const message = new P.CreateReq();
          message.setOptions(options);
          return message;
        })(),
      ],
    ]) {
      const { response, ...failure } = await t.unary(persistent.create, request);
      t.note(`create with ${label}`, response ? { value: 'created' } : failure);
    }
  },
  'group/everything about a group that is not there': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    for (const target of [s, t.stream(), ALL]) {
      const g = t.group();
      await t.updateGroup(target, g);
      await t.deleteGroup(target, g);
      await t.info(target, g);
      await t.replayParked(target, g);
      await t.replayParked(target, g, { stopAt: 3 });
      const consumer = t.consume(target, g);
      await consumer.ended(2000);
      await consumer.finish();
    }
    await t.listGroups(s);
    await t.listGroups(t.stream());
  },
  'group/info and list': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const [g1, g2, g3] = [t.group(), t.group(), t.group()];
    await t.seed(a, 2);
    await t.createGroup(a, g1);
    await t.createGroup(a, g2, { strategy: 'Pinned', from: 'end' });
    await t.createGroup(b, g1, { strategy: 'DispatchToSingle' });
    await t.createGroup(ALL, g3, { from: 'end', filter: { stream: { prefix: [a] } } });
    for (const target of [undefined, a, b, ALL]) await t.listGroups(target);
    await t.deleteGroup(a, g1);
    await t.listGroups(a);
    await t.deleteGroup(a, g2);
    await t.listGroups(a);
  },
  'group/info with a busy consumer': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    const { g } = await fresh(t, { extraStatistics: true }, s);
    const consumer = t.consume(s, g, { buffer: 3, name: 'worker-a' });
    await consumer.arrived(3);
    await t.info(s, g, { ready: (info) => info.outstanding === 3 });
    consumer.ack(consumer.ids().slice(0, 2));
    await consumer.arrived(5);
    await t.info(s, g, { ready: (info) => info.outstanding === 3 });
    consumer.ack(consumer.ids().slice(2));
    await t.info(s, g, { ready: (info) => info.outstanding === 0 });
    await consumer.finish();
    await t.info(s, g, { ready: (info) => info.connections.length === 0 });
  },
  'group/connection names': async (t) => {
    const s = t.stream();
    const { g } = await fresh(t, {}, s);
    const consumers = [t.consume(s, g, { name: 'worker-b' }), t.consume(s, g), t.consume(s, g, { name: '' })];
    for (const consumer of consumers) await consumer.confirmed(2000);
    await t.info(s, g, { ready: (info) => info.connections.length === 3, only: ['connections'] });
    for (const consumer of consumers) await consumer.finish(undefined, undefined, 50);
  },

  'group/update settings': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    const { g } = await fresh(t, {}, s);
    await t.updateGroup(s, g, {
      maxRetryCount: 2,
      messageTimeoutMs: 1000,
      liveBufferSize: 9,
      readBatchSize: 3,
      historyBufferSize: 10,
      resolveLinks: true,
      from: 2,
      namedStrategy: 'PINNED',
      maxSubscriberCount: 1,
    });
    await t.info(s, g);
    await t.updateGroup(s, g, { onlyNewStyle: true });
    await t.updateGroup(s, g, { oldStyle: true, oldRevision: 1 });
    await t.info(s, g);
  },
  'group/update refused': async (t) => {
    const { s, g } = await fresh(t);
    for (const fields of [
      { readBatchSize: 20, historyBufferSize: 20 },
      { namedStrategy: 9 },
      { from: '18446744073709551614' },
      { from: 'unset' },
      { maxCheckpointCount: 0 },
    ])
      await t.updateGroup(s, g, fields);
    await t.info(s, g);
  },
  'group/update drops the consumer': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    const { g } = await fresh(t, {}, s);
    const consumer = t.consume(s, g);
    await consumer.arrived(2);
    await t.updateGroup(s, g, { maxRetryCount: 3 });
    await consumer.ended(3000);
    await consumer.finish();
    const again = t.consume(s, g);
    await again.arrived(2);
    await again.finish();
  },
  'group/delete drops the consumer': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    const { g } = await fresh(t, {}, s);
    const consumer = t.consume(s, g);
    await consumer.arrived(1);
    await t.deleteGroup(s, g);
    await consumer.ended(3000);
    await consumer.finish();
    await t.info(s, g);
  },
  'group/delete twice, create again': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    const { g } = await fresh(t, {}, s);
    await t.deleteGroup(s, g);
    await t.deleteGroup(s, g);
    await t.createGroup(s, g);
    const consumer = t.consume(s, g);
    await consumer.arrived(2);
    await consumer.finish();
  },
  'group/restart of the subsystem': {
    limit: 40_000,
    run: async (t) => {
      const s = t.stream();
      await t.seed(s, 1);
      const { g } = await fresh(t, { strategy: 'Pinned', maxRetryCount: 4 }, s);
      const consumer = t.consume(s, g);
      await consumer.arrived(1);
      await t.restartSubsystem();
      await consumer.ended(4000);
      await consumer.finish();
      await t.groupAnswers(s, g);
      await t.info(s, g);
      const again = t.consume(s, g);
      await again.arrived(1);
      await again.finish();
    },
  },
  'group/credentials': async (t) => {
    const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    for (const [label, headers] of [
      ['none', { authorization: null }],
      ['wrong', basic('admin:wrong')],
      ['right', basic('admin:changeit')],
    ]) {
      const s = t.stream();
      const g = t.group();
      await t.createGroup(s, g, { headers, label: `create with credentials ${label}` });
      await t.info(s, g, { headers, label: `info with credentials ${label}`, only: ['status'] });
      await t.replayParked(s, g, { headers, label: `replay with credentials ${label}` });
      const consumer = t.consume(s, g, { headers });
      await consumer.confirmed(2000);
      await consumer.finish(`consume with credentials ${label}`);
    }
  },

  'group all/create from start, end, position': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    for (const from of ['start', 'end', position, 'unset']) {
      const { g } = await fresh(t, { from, filter: { stream: { prefix: [t.prefix] } } }, ALL);
      await t.info(ALL, g, { ms: 6000, only: ['eventSource', 'groupName', 'startFrom', 'strategy', 'status'] });
    }
  },
  'group all/create from positions that cannot be': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    const filter = { stream: { prefix: [t.prefix] } };
    for (const [label, from] of [
      ['past the end', { commit: BigInt(position.commit) + 1_000_000n, prepare: BigInt(position.prepare) + 1_000_000n }],
      ['prepare above commit', { commit: position.commit, prepare: BigInt(position.prepare) + 1n }],
      ['2^63', { commit: 2n ** 63n, prepare: 2n ** 63n }],
      ['2^64 - 1', { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n }],
      ['commit good, prepare 2^64 - 1', { commit: position.commit, prepare: 2n ** 64n - 1n }],
    ]) {
      await t.createGroup(ALL, t.group(), { from, filter, label: `create group at ${label}` });
    }
  },
  'group all/filters': async (t) => {
    const { position: from } = await t.seed(t.stream(), 1);
    for (const filter of [
      { stream: { prefix: [t.prefix] } },
      { stream: { regex: `^${t.tag}` } },
      { type: { prefix: ['thing'] } },
      { type: { regex: '^thing' } },
      { stream: {} },
      {},
      { stream: { regex: '(' } },
      undefined,
    ]) {
      const { g, created } = await fresh(t, { from, filter }, ALL);
      if (created) await t.info(ALL, g, { only: ['eventSource'] });
    }
  },
  'group all/create twice, update, delete': async (t) => {
    const { position: from } = await t.seed(t.stream(), 1);
    const filter = { stream: { prefix: [t.prefix] } };
    const { g } = await fresh(t, { from, filter }, ALL);
    await t.createGroup(ALL, g, { from, filter });
    await t.updateGroup(ALL, g, { from: 'end', maxRetryCount: 1 });
    await t.info(ALL, g, { only: ['eventSource', 'startFrom', 'maxRetryCount', 'status'] });
    await t.updateGroup(ALL, g, { from: { commit: 10n ** 17n, prepare: 10n ** 17n }, label: 'update to a position past the end' });
    await t.deleteGroup(ALL, g);
    await t.deleteGroup(ALL, g);
  },
};
