// Catch-up subscriptions to one stream and to $all: where they start, when they say they caught up, what ends them.

import { ALL } from '../lib.mjs';

const brief = (messages) =>
  messages.map(({ event, ...rest }) => {
    if (!event) return rest;
    const inner = event.link ?? event.event;
    return `event ${inner.stream} ${inner.revision}`;
  });

/** Checkpoints fall where the server's whole log says so; what is comparable is their kind and order. */
const kinds = (messages) =>
  messages.map(({ event, checkpoint, ...rest }) =>
    event ? `event ${event.event.stream} ${event.event.revision}` : checkpoint ? 'checkpoint' : rest,
  );

const live = async (t, target, options, act, { events, shape = brief, ms = 4000 } = {}) => {
  const sub = t.subscribe(target, options);
  await sub.caughtUp();
  await act?.(sub);
  if (events !== undefined) await sub.arrived(events, ms);
  await sub.finish(undefined, shape);
  return sub;
};

export const scenarios = {
  'subscribe/to a stream from the start': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    const sub = t.subscribe(s);
    await sub.caughtUp();
    await t.seed(s, 2);
    await sub.arrived(5);
    await sub.finish();
  },
  'subscribe/to a stream from a revision': async (t) => {
    const s = t.stream();
    await t.seed(s, 4);
    for (const from of [0, 1, 3]) await live(t, s, { from }, undefined, { events: 3 - from });
    const sub = t.subscribe(s, { from: 2 });
    await sub.caughtUp();
    await t.seed(s, 1);
    await sub.arrived(2);
    await sub.finish(undefined, brief);
  },
  'subscribe/to a stream from the end': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await live(t, s, { from: 'end' }, () => t.seed(s, 2), { events: 2 });
  },
  'subscribe/to a stream from beyond its end': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await live(
      t,
      s,
      { from: 3 },
      async () => {
        for (let turn = 0; turn < 4; turn++) await t.seed(s, 1);
      },
      { events: 2 },
    );
  },
  'subscribe/to a stream from the very last revision there can be': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    for (const from of ['9223372036854775806', '9223372036854775807', '18446744073709551614', '18446744073709551615']) {
      const sub = t.subscribe(s, { from });
      await sub.until(() => sub.messages.length > 0, 700);
      await sub.finish(undefined, brief);
    }
  },
  'subscribe/to a missing stream, then appended': async (t) => {
    for (const from of ['start', 'end', 0, 2]) {
      const s = t.stream();
      const sub = t.subscribe(s, { from });
      await sub.confirmed(1500);
      await sub.settle(200);
      for (let turn = 0; turn < 4; turn++) await t.seed(s, 1);
      await sub.arrived(from === 0 ? 3 : from === 2 ? 1 : 4, 3000);
      await sub.finish(undefined, brief);
    }
  },
  'subscribe/to a soft-deleted stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    for (const from of ['start', 0, 'end']) {
      const sub = t.subscribe(s, { from });
      await sub.confirmed(1500);
      await sub.settle(300);
      await t.seed(s, 1);
      await sub.arrived(1, 3000);
      await sub.finish(undefined, brief);
      await t.delete(s);
    }
  },
  'subscribe/to a tombstoned stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.tombstone(s);
    for (const from of ['start', 1, 'end']) {
      const sub = t.subscribe(s, { from });
      await sub.ended(1500);
      await sub.finish();
    }
  },
  'subscribe/to a stream that is deleted meanwhile': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    const sub = t.subscribe(s);
    await sub.caughtUp();
    await t.delete(s);
    await sub.settle(400);
    await t.seed(s, 2);
    await sub.arrived(4);
    await sub.finish(undefined, brief);
  },
  'subscribe/to a stream that is tombstoned meanwhile': async (t) => {
    for (const from of ['start', 'end']) {
      const s = t.stream();
      await t.seed(s, 2);
      const sub = t.subscribe(s, { from });
      await sub.caughtUp();
      await t.tombstone(s);
      await sub.ended(2000);
      await sub.finish();
    }
  },
  'subscribe/to a missing stream that is tombstoned': async (t) => {
    const s = t.stream();
    const sub = t.subscribe(s);
    await sub.confirmed(1500);
    await sub.settle(200);
    await t.tombstone(s);
    await sub.ended(2000);
    await sub.finish();
  },
  'subscribe/to a truncated stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    await t.setMetadata(s, { $tb: 3 });
    await live(t, s, {}, () => t.seed(s, 1), { events: 3 });
    await live(t, s, { from: 0 }, undefined, { events: 3 });
  },
  'subscribe/to a stream with $maxCount': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { $maxCount: 2 });
    await t.seed(s, 4);
    const sub = t.subscribe(s);
    await sub.caughtUp();
    await t.seed(s, 3);
    await sub.arrived(5);
    await sub.finish(undefined, brief);
  },
  'subscribe/to a metadata stream': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { a: 1 });
    await t.setMetadata(s, { a: 2 });
    const sub = t.subscribe(`$$${s}`);
    await sub.caughtUp();
    await t.setMetadata(s, { a: 3 });
    await t.seed(s, 1);
    await t.delete(s);
    await sub.arrived(3);
    await sub.finish();
  },
  'subscribe/links': async (t) => {
    const [target, list, gone] = [t.stream(), t.stream(), t.stream()];
    await t.seed(target, 3);
    await t.seed(gone, 1);
    await t.seed(list, [t.link(target, 0), t.link(gone, 0), t.link(target, 77)]);
    await t.tombstone(gone);
    for (const links of [false, true]) {
      const sub = t.subscribe(list, { links });
      await sub.caughtUp();
      await t.seed(list, [t.link(target, 1), t.event()]);
      await sub.arrived(links ? 7 : 5);
      await sub.finish();
    }
  },
  'subscribe/ids as strings': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    for (const uuid of ['string', 'absent']) {
      const sub = t.subscribe(s, { uuid });
      await sub.arrived(1, 2000);
      await sub.finish();
    }
  },
  'subscribe/backwards': async (t) => {
    const s = t.stream();
    const { position } = await t.seed(s, 2);
    for (const [target, options] of [
      [s, {}],
      [ALL, { from: position }],
      [ALL, { from: position, filter: { stream: { prefix: [s] } } }],
    ]) {
      const sub = t.subscribe(target, { ...options, direction: 'backwards' });
      await sub.ended(1500);
      await sub.finish();
    }
  },
  'subscribe/a filter on one stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    const sub = t.subscribe(s, { filter: { stream: { prefix: [s] } } });
    await sub.ended(1500);
    await sub.finish();
  },
  'subscribe/more than a page, then live': async (t) => {
    const s = t.stream();
    await t.seed(s, 200);
    const sub = t.subscribe(s);
    await sub.arrived(200, 6000);
    await sub.caughtUp();
    for (let turn = 0; turn < 5; turn++) await t.seed(s, 20);
    await sub.arrived(300, 6000);
    await sub.finish('two hundred old and a hundred new events', (messages) => {
      const revisions = messages.filter((m) => m.event).map((m) => Number(m.event.event.revision));
      return [
        `${revisions.length} events, in order: ${revisions.every((revision, index) => revision === index)}`,
        ...messages.filter((m) => m.confirmation),
      ];
    });
  },
  'subscribe/two subscriptions at once': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    const subs = [t.subscribe(s), t.subscribe(s, { from: 'end' })];
    for (const sub of subs) await sub.caughtUp();
    await t.seed(s, 2);
    await subs[0].arrived(3);
    await subs[1].arrived(2);
    for (const sub of subs) await sub.finish(undefined, brief);
  },
  'subscribe/an idempotent repeat is not delivered again': async (t) => {
    const s = t.stream();
    const events = t.events(2);
    await t.append(s, 'no_stream', events);
    const sub = t.subscribe(s);
    await sub.caughtUp();
    await t.append(s, 'no_stream', events);
    await t.append(s, 'any', events);
    await t.seed(s, 1);
    await sub.arrived(3);
    await sub.finish(undefined, brief);
  },

  'subscribe all/from a position': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(a, 1);
    await t.seed(b, 2);
    const sub = t.subscribe(ALL, { from: position });
    await sub.arrived(2);
    await sub.caughtUp();
    await t.seed(a, 1);
    await sub.arrived(3);
    await sub.finish();
  },
  'subscribe all/from the end': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    await live(t, ALL, { from: 'end' }, () => t.seed(s, 2), { events: 2 });
  },
  'subscribe all/from the start': {
    limit: 60_000,
    run: async (t) => {
      const s = t.stream();
      await t.seed(s, 2);
      const sub = t.subscribe(ALL);
      await sub.arrived(2, 40_000);
      await sub.caughtUp(3000);
      await t.seed(s, 1);
      await sub.arrived(3);
      await sub.finish(undefined, brief);
    },
  },
  'subscribe all/from beyond the end': async (t) => {
    const s = t.stream();
    const { position } = await t.seed(s, 1);
    const ahead = { commit: BigInt(position.commit) + 1_000_000_000n, prepare: BigInt(position.prepare) + 1_000_000_000n };
    const sub = t.subscribe(ALL, { from: ahead, label: 'subscribe $all from 10^9 beyond the end' });
    await sub.until(() => sub.messages.length > 1, 700);
    await t.seed(s, 1);
    await sub.arrived(1, 700);
    await sub.finish(undefined, brief);
  },
  'subscribe all/positions that cannot be': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    for (const [label, from] of [
      ['2^63', { commit: 2n ** 63n, prepare: 2n ** 63n }],
      ['2^64 - 1', { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n }],
      ['prepare above commit', { commit: position.commit, prepare: BigInt(position.prepare) + 5n }],
    ]) {
      const sub = t.subscribe(ALL, { from, label: `subscribe $all from ${label}` });
      await sub.until(() => sub.messages.length > 1, 700);
      await sub.finish(undefined, brief);
    }
  },
  'subscribe all/system events are seen': async (t) => {
    const [s, gone] = [t.stream(), t.stream()];
    const { position } = await t.seed(s, 1);
    const sub = t.subscribe(ALL, { from: position });
    await sub.caughtUp();
    await t.setMetadata(s, { $maxCount: 5 });
    await t.delete(s);
    await t.seed(s, 1);
    await t.seed(gone, 1);
    await t.tombstone(gone);
    await sub.arrived(6, 3000);
    await sub.finish();
  },
  'subscribe all/links resolved': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    const { position } = await t.seed(target, 1);
    await t.seed(list, [t.link(target, 0), t.link(target, 9)]);
    const sub = t.subscribe(ALL, { from: position, links: true });
    await sub.caughtUp();
    await t.seed(list, [t.link(target, 0)]);
    await sub.arrived(3);
    await sub.finish();
  },

  'subscribe filter/stream prefix': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(a, 1);
    await t.seed(b, 1);
    await t.seed(a, 1);
    await live(
      t,
      ALL,
      { from: position, filter: { stream: { prefix: [a] }, multiplier: 1000 } },
      async () => {
        await t.seed(b, 1);
        await t.seed(a, 1);
      },
      { events: 2, shape: kinds },
    );
  },
  'subscribe filter/stream regex': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(b, 1);
    await t.seed(a, 1);
    await live(
      t,
      ALL,
      { from: position, filter: { stream: { regex: `^${a}$` }, multiplier: 1000 } },
      async () => {
        await t.seed(b, 1);
        await t.seed(a, 1);
      },
      { events: 2, shape: kinds },
    );
  },
  'subscribe filter/type prefix': async (t) => {
    const s = t.stream();
    const { position } = await t.seed(s, 1, { type: t.type('red') });
    await t.seed(s, 1, { type: t.type('blue') });
    await live(
      t,
      ALL,
      { from: position, filter: { type: { prefix: [t.type('red'), t.type('green')] }, multiplier: 1000 } },
      async () => {
        await t.seed(s, 1, { type: t.type('red') });
        await t.seed(s, 1, { type: t.type('blue') });
        await t.seed(s, 1, { type: t.type('green') });
      },
      { events: 2, shape: kinds },
    );
  },
  'subscribe filter/type regex': async (t) => {
    const s = t.stream();
    const { position } = await t.seed(s, 1, { type: t.type('red') });
    await live(
      t,
      ALL,
      { from: position, filter: { type: { regex: `^${t.tag}-[rg]` }, multiplier: 1000 } },
      async () => {
        await t.seed(s, 1, { type: t.type('red') });
        await t.seed(s, 1, { type: t.type('blue') });
        await t.seed(s, 1, { type: t.type('green') });
      },
      { events: 2, shape: kinds },
    );
  },
  'subscribe filter/from the end': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    await t.seed(a, 1);
    await live(
      t,
      ALL,
      { from: 'end', filter: { stream: { prefix: [a] }, multiplier: 1000 } },
      async () => {
        await t.seed(b, 1);
        await t.seed(a, 2);
      },
      { events: 2, shape: kinds },
    );
  },
  'subscribe filter/multiplier 0': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [t.prefix] }, multiplier: 0 } });
    await sub.ended(1500);
    await sub.finish(undefined, kinds);
  },
  'subscribe filter/window left out': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [t.prefix] }, window: 'unset' } });
    await sub.ended(1500);
    await sub.finish(undefined, kinds);
  },
  'subscribe filter/expressions that are none': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    for (const [label, filter] of [
      ['neither stream nor type', {}],
      ['an empty stream expression', { stream: {} }],
      ['a broken regex', { stream: { regex: '(' } }],
    ]) {
      const sub = t.subscribe(ALL, { from: position, filter, label: `subscribe $all with ${label}` });
      await sub.until(() => sub.messages.length > 1, 700);
      await sub.finish(undefined, (messages) => messages.map((message) => Object.keys(message)[0]));
    }
  },

  ...Object.fromEntries(
    [
      [1, 1],
      [2, 1],
      [1, 3],
      [5, 2],
      [32, 1],
    ].flatMap(([max, multiplier]) => [
      [
        `checkpoints/history, window ${max} × ${multiplier}`,
        async (t) => {
          const [a, b] = [t.stream(), t.stream()];
          const { position } = await t.seed(b, 1);
          await t.seed(b, 12);
          await t.seed(a, 1);
          await t.seed(b, 7);
          await t.seed(a, 1);
          await t.seed(b, 70);
          const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [a] }, max, multiplier } });
          await sub.arrived(2);
          await sub.caughtUp();
          await sub.finish();
        },
      ],
      [
        `checkpoints/live, window ${max} × ${multiplier}`,
        async (t) => {
          const [a, b] = [t.stream(), t.stream()];
          const { position } = await t.seed(a, 1);
          const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [a] }, max, multiplier } });
          await sub.caughtUp();
          await sub.settle(200);
          for (const [stream, count] of [
            [b, 3],
            [a, 1],
            [b, 4],
            [a, 1],
            [b, 40],
          ])
            await t.seed(stream, count);
          await sub.arrived(2);
          await sub.finish();
        },
      ],
    ]),
  ),
  'checkpoints/window count instead of a maximum': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(b, 1);
    await t.seed(b, 100);
    await t.seed(a, 1);
    const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [a] }, multiplier: 1 } });
    await sub.arrived(1);
    await sub.caughtUp();
    await t.seed(b, 70);
    await sub.finish();
  },
  'checkpoints/when nothing matches': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(b, 1);
    await t.seed(b, 40);
    const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [a] }, max: 10, multiplier: 1 } });
    await sub.caughtUp();
    await sub.settle();
    await t.seed(b, 25);
    await sub.finish();
  },
  'checkpoints/order': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    const { position } = await t.seed(b, 1);
    for (let turn = 0; turn < 6; turn++) {
      await t.seed(b, 9);
      await t.seed(a, 2);
    }
    const sub = t.subscribe(ALL, { from: position, filter: { stream: { prefix: [a] }, max: 4, multiplier: 1 } });
    await sub.arrived(12);
    await sub.caughtUp();
    await sub.settle();
    sub.stop();
    const seen = sub.messages
      .map((message) => (message.event?.event ?? message.checkpoint)?.commit)
      .filter(Boolean)
      .map((text) => BigInt(text.replace(/\D/g, '')));
    const points = sub.messages.filter((message) => message.checkpoint).map((message) => message.checkpoint.commit);
    t.note('checkpoints', {
      value: {
        some: points.length > 0,
        neverDecreasing: seen.every((commit, index) => index === 0 || commit >= seen[index - 1]),
        neverRepeated: new Set(points).size === points.length,
      },
    });
  },
};
