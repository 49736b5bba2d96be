// Reading $all. Other streams live on the server too, so reads start at positions the scenario obtained itself and only
// its own events are recorded; filters name its own random prefix.

import { ALL } from '../lib.mjs';

const brief = (messages) =>
  messages.map(({ event, ...rest }) => {
    if (!event) return rest;
    const inner = event.link ?? event.event;
    return `${inner.stream} ${inner.revision} ${inner.metadata.type} ${inner.commit}`;
  });
const many = 100_000;

/** Three streams with interleaved appends; answers their names and the position of the first and last event. */
const world = async (t) => {
  const [a, b, c] = [t.stream(), t.stream(), t.stream()];
  const { position: first } = await t.seed(a, 1, { type: t.type('red') });
  await t.seed(b, 2, { type: t.type('blue') });
  const { position: middle } = await t.seed(a, 1, { type: t.type('blue') });
  await t.seed(c, 3, { type: t.type('red-dark') });
  const { position: last } = await t.seed(a, 1, { type: t.type('red') });
  return { a, b, c, first, middle, last };
};

const plus = (place, amount) => ({ commit: BigInt(place.commit) + BigInt(amount), prepare: BigInt(place.prepare) + BigInt(amount) });

export const scenarios = {
  'all/forwards from a position': async (t) => {
    const { first } = await world(t);
    await t.read(ALL, { from: first, count: many });
  },
  'all/backwards from a position': async (t) => {
    const { first, middle, last } = await world(t);
    for (const from of [last, middle]) await t.read(ALL, { from, direction: 'backwards', count: 4, shape: brief });
    await t.read(ALL, { from: first, direction: 'backwards', count: 1, shape: brief });
  },
  'all/backwards from the end': async (t) => {
    await world(t);
    await t.read(ALL, { from: 'end', direction: 'backwards', count: 3, shape: brief });
  },
  'all/forwards from the end': async (t) => {
    await world(t);
    await t.read(ALL, { from: 'end', count: 10, shape: brief });
    await t.read(ALL, { from: 'start', direction: 'backwards', count: 10, shape: brief });
  },
  'all/the start': async (t) => {
    for (const count of [0, 1, 3]) await t.read(ALL, { count, own: false, shape: (messages) => [`${messages.length} messages`] });
  },
  'all/counts': async (t) => {
    const { first } = await world(t);
    for (const count of [0, 1, 2, 5]) await t.read(ALL, { from: first, count, shape: brief });
    await t.read(ALL, { from: first, count: 'unset', label: 'no count' });
  },
  'all/the last position forwards': async (t) => {
    const { last } = await world(t);
    await t.read(ALL, { from: last, count: 10, shape: brief });
  },
  'all/positions between events': async (t) => {
    const { middle } = await world(t);
    for (const amount of [1, -1]) {
      await t.read(ALL, {
        from: plus(middle, amount),
        count: 2,
        shape: brief,
        label: `forwards from the middle ${amount > 0 ? '+' : '-'} 1`,
      });
      await t.read(ALL, {
        from: plus(middle, amount),
        count: 2,
        direction: 'backwards',
        shape: brief,
        label: `backwards from the middle ${amount > 0 ? '+' : '-'} 1`,
      });
    }
  },
  'all/positions that cannot be': async (t) => {
    const { first } = await world(t);
    for (const [label, from] of [
      ['2^63', { commit: 2n ** 63n, prepare: 2n ** 63n }],
      ['2^63 - 1', { commit: 2n ** 63n - 1n, prepare: 2n ** 63n - 1n }],
      ['2^64 - 1', { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n }],
      ['far past the end', { commit: 10n ** 15n, prepare: 10n ** 15n }],
      ['prepare above commit', { commit: BigInt(first.commit), prepare: BigInt(first.prepare) + 1n }],
      ['prepare 2^64 - 1', { commit: BigInt(first.commit), prepare: 2n ** 64n - 1n }],
    ]) {
      for (const direction of ['forwards', 'backwards']) {
        await t.read(ALL, {
          from,
          direction,
          count: 1,
          own: false,
          label: `${direction} from ${label}`,
          shape: (messages) => messages.map((message) => (message.event ? 'an event' : message)),
        });
      }
    }
  },
  'all/prepare below commit': async (t) => {
    const { middle } = await world(t);
    await t.read(ALL, {
      from: { commit: middle.commit, prepare: BigInt(middle.prepare) - 1n },
      count: 2,
      shape: brief,
      label: 'prepare 1 below commit',
    });
  },
  'all/pages do not overlap': async (t) => {
    const { first } = await world(t);
    await t.seed(t.stream(), 90);
    const feed = await t.read(ALL, { from: first, count: 40, shape: (messages) => [`${messages.length} messages`] });
    const at = feed.events.at(-1)?.event.event;
    t.note('last event of the first page', { value: at ? `${at.stream} ${at.revision}` : 'none' });
  },

  'all/filter by stream prefix': async (t) => {
    const { a, c, first } = await world(t);
    for (const prefix of [[a], [a, c], [t.prefix]]) {
      await t.read(ALL, { from: first, count: many, filter: { stream: { prefix } }, shape: brief });
    }
  },
  'all/filter by stream regex': async (t) => {
    const { a, b, first } = await world(t);
    for (const regex of [`^${a}$`, `^(${a}|${b})$`, `${t.tag}.*3$`, `^${t.tag.toUpperCase()}`]) {
      await t.read(ALL, { from: first, count: many, filter: { stream: { regex } }, shape: brief });
    }
  },
  'all/filter by type prefix': async (t) => {
    const { first } = await world(t);
    for (const prefix of [[t.type('red')], [t.type('blue'), t.type('red-')]]) {
      await t.read(ALL, { from: first, count: many, filter: { type: { prefix } }, shape: brief });
    }
  },
  'all/filter by type regex': async (t) => {
    const { first } = await world(t);
    for (const regex of [`^${t.type('red')}$`, `^${t.tag}-.*u`]) {
      await t.read(ALL, { from: first, count: many, filter: { type: { regex } }, shape: brief });
    }
  },
  'all/filter backwards': async (t) => {
    const { a, last } = await world(t);
    await t.read(ALL, { from: last, direction: 'backwards', count: 2, filter: { stream: { prefix: [a] } }, shape: brief });
    await t.read(ALL, { from: 'end', direction: 'backwards', count: 2, filter: { type: { prefix: [t.type('red')] } }, shape: brief });
  },
  'all/filter and count': async (t) => {
    const { a, first } = await world(t);
    for (const count of [0, 1, 2]) await t.read(ALL, { from: first, count, filter: { stream: { prefix: [a] } }, shape: brief });
  },
  'all/filter windows': async (t) => {
    const { a, first } = await world(t);
    for (const max of [1, 2, 1000]) await t.read(ALL, { from: first, count: 3, filter: { stream: { prefix: [a] }, max }, shape: brief });
    await t.read(ALL, { from: first, count: 3, filter: { stream: { prefix: [a] }, window: 'unset' }, shape: brief });
    await t.read(ALL, { from: first, count: 3, filter: { stream: { prefix: [a] }, multiplier: 0 }, shape: brief });
  },
  'all/filters that are none': async (t) => {
    const { first } = await world(t);
    await t.read(ALL, { from: first, count: 5, filter: { stream: {} }, shape: brief, label: 'stream filter without expression' });
    await t.read(ALL, { from: first, count: 5, filter: { stream: { prefix: [''] } }, shape: brief, label: 'stream prefix ""' });
    await t.read(ALL, { from: first, count: 5, filter: {}, shape: brief, label: 'filter on neither stream nor type' });
    await t.read(ALL, { from: first, count: 5, filter: { stream: { regex: '(' } }, shape: brief, label: 'regex "("' });
    await t.read(ALL, { from: first, count: 5, noFilter: false, shape: brief, label: 'neither filter nor no_filter' });
  },
  'all/regex wins over prefix': async (t) => {
    const { a, b, first } = await world(t);
    await t.read(ALL, { from: first, count: many, filter: { stream: { regex: `^${a}$`, prefix: [b] } }, shape: brief });
  },

  'all/what system events are seen': async (t) => {
    const [s, gone] = [t.stream(), t.stream()];
    const { position: first } = await t.seed(s, 2);
    await t.setMetadata(s, { $maxCount: 10 });
    await t.seed(s, [t.link(s, 0)]);
    await t.delete(s);
    await t.seed(s, 1);
    await t.seed(gone, 1);
    await t.tombstone(gone);
    await t.seed(
      t.stream((name) => `$${name}`),
      1,
    );
    await t.read(ALL, { from: first, count: many });
    await t.read(ALL, {
      from: first,
      count: many,
      filter: { type: { regex: '^[^\\$].*' } },
      shape: brief,
      label: 'filter: no system events',
    });
    await t.read(ALL, { from: first, count: many, filter: { stream: { prefix: ['$'] } }, shape: brief, label: 'filter: system streams' });
  },
  'all/events of deleted and truncated streams': async (t) => {
    const [soft, hard, short] = [t.stream(), t.stream(), t.stream()];
    const { position: first } = await t.seed(soft, 2);
    await t.seed(hard, 2);
    await t.seed(short, 4);
    await t.delete(soft);
    await t.tombstone(hard);
    await t.setMetadata(short, { $maxCount: 1 });
    await t.read(ALL, { from: first, count: many, shape: brief });
  },
  'all/links resolved': async (t) => {
    const [target, list, gone] = [t.stream(), t.stream(), t.stream()];
    const { position: first } = await t.seed(target, 1);
    await t.seed(gone, 1);
    await t.seed(list, [t.link(target, 0), t.link(gone, 0)]);
    await t.tombstone(gone);
    await t.read(ALL, { from: first, count: many, links: true });
    await t.read(ALL, { from: first, count: many, links: true, filter: { stream: { prefix: [list] } }, shape: brief });
    await t.read(ALL, { from: first, count: many, links: true, filter: { stream: { prefix: [target] } }, shape: brief });
    await t.read(ALL, { from: first, count: many, links: true, filter: { type: { prefix: ['$>'] } }, shape: brief });
  },
  'all/ids as strings': async (t) => {
    const { position } = await t.seed(t.stream(), 1);
    await t.read(ALL, { from: position, count: many, uuid: 'string' });
    await t.read(ALL, { from: position, count: many, uuid: 'absent' });
  },
  'all/append positions find their events': async (t) => {
    const s = t.stream();
    const { position } = await t.seed(s, 3);
    await t.read(ALL, { from: position, count: 1 });
    await t.read(ALL, { from: position, direction: 'backwards', count: 2, shape: brief });
    const { position: deleted } = await t.delete(s);
    if (deleted) await t.read(ALL, { from: deleted, count: 1 });
    const { position: buried } = await t.tombstone(s);
    if (buried) await t.read(ALL, { from: buried, count: 1 });
  },
  'all/compatibility 1': async (t) => {
    const { first } = await world(t);
    await t.read(ALL, { from: first, count: 3, compatibility: 1, shape: brief });
  },
};
