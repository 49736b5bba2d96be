// Reading one stream: directions, starting points, counts, absent and deleted streams, links, metadata limits, options.

const revisions = (messages) =>
  messages.map(({ event, ...rest }) => (event ? `${event.event?.stream ?? '?'} ${event.event?.revision ?? '?'}` : rest));
const counted = (messages) => [`${messages.length} messages`];

const both = async (t, s, options = {}) => {
  await t.read(s, { ...options });
  await t.read(s, { from: 'end', direction: 'backwards', ...options });
};

export const scenarios = {
  'read/forwards from the start': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    await t.read(s);
  },
  'read/backwards from the end': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    await t.read(s, { from: 'end', direction: 'backwards' });
  },
  'read/forwards from a revision': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    for (const from of [0, 1, 4, 5, 6, 1000]) await t.read(s, { from, shape: revisions });
  },
  'read/backwards from a revision': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    for (const from of [0, 1, 4, 5, 6, 1000]) await t.read(s, { from, direction: 'backwards', shape: revisions });
  },
  'read/forwards from the end, backwards from the start': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    await t.read(s, { from: 'end', shape: revisions });
    await t.read(s, { from: 'start', direction: 'backwards', shape: revisions });
  },
  'read/revisions that cannot be': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    for (const from of ['9223372036854775807', '9223372036854775808', '18446744073709551615']) {
      for (const direction of ['forwards', 'backwards']) await t.read(s, { from, direction, shape: revisions });
    }
  },
  'read/counts': async (t) => {
    const s = t.stream();
    await t.seed(s, 5);
    for (const count of [0, 1, 4, 5, 6, '2147483647', '2147483648', '9223372036854775807', '18446744073709551615']) {
      await t.read(s, { count, shape: revisions });
      await t.read(s, { from: 'end', direction: 'backwards', count, shape: revisions });
    }
  },
  'read/count 0 of a missing stream': async (t) => {
    const s = t.stream();
    await t.read(s, { count: 0 });
    await t.read(s, { count: 0, from: 'end', direction: 'backwards' });
  },
  'read/more than a page': async (t) => {
    const s = t.stream();
    await t.seed(s, 150);
    await t.read(s, { count: 1000, shape: (messages) => [messages.map((message) => message.event?.event.revision ?? '?').join(' ')] });
    await t.read(s, {
      count: 1000,
      from: 'end',
      direction: 'backwards',
      shape: (messages) => [messages.map((message) => message.event?.event.revision ?? '?').join(' ')],
    });
    await t.read(s, {
      count: 70,
      from: 40,
      shape: (messages) => [messages.map((message) => message.event?.event.revision ?? '?').join(' ')],
    });
    await t.read(s, {
      count: 33,
      from: 149,
      direction: 'backwards',
      shape: (messages) => [messages.map((message) => message.event?.event.revision ?? '?').join(' ')],
    });
  },
  'read/a missing stream': async (t) => {
    const s = t.stream();
    await both(t, s);
    await t.read(s, { from: 7 });
    await t.read(s, { from: 7, direction: 'backwards' });
  },
  'read/a soft-deleted stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    await both(t, s);
    await t.read(s, { from: 1 });
  },
  'read/a tombstoned stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.tombstone(s);
    await both(t, s);
    await t.read(s, { from: 1, count: 0 });
    await both(t, `$$${s}`);
  },
  'read/a stream that has only metadata': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { a: 1 });
    await both(t, s);
    await both(t, `$$${s}`);
  },
  'read/a metadata stream': async (t) => {
    const s = t.stream();
    await both(t, `$$${s}`);
    await t.setMetadata(s, { a: 1 });
    await t.setMetadata(s, { a: 2 });
    await t.setMetadata(s, { a: 3 });
    await both(t, `$$${s}`);
    await t.read(`$$${s}`, { from: 0, count: 1 });
    await t.read(`$$${s}`, { from: 2 });
    await t.read(`$$${s}`, { from: 1, direction: 'backwards' });
  },
  'read/names that are none': async (t) => {
    await t.read('', { label: 'read ""' });
    await t.read('$all', { label: 'read $all as if it were a stream', count: 1, shape: counted });
  },

  'read/ids as strings, structured, unspecified': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    for (const uuid of ['structured', 'string', 'empty', 'absent']) await t.read(s, { uuid });
  },
  'read/filter on one stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    await t.read(s, { filter: { stream: { prefix: [s] } } });
    await t.read(s, { filter: { type: { prefix: ['thing'] } }, from: 'end', direction: 'backwards' });
  },
  'read/options left out': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.read(s, { noFilter: false, label: 'neither filter nor no_filter' });
    await t.read(s, { count: 'unset', label: 'neither count nor subscription' });
    await t.read(undefined, { label: 'neither stream nor $all' });
    await t.read(s, { from: 'unset', label: 'no revision option' });
  },
  'read/compatibility 1 tells first and last positions': async (t) => {
    const [s, missing] = [t.stream(), t.stream()];
    await t.seed(s, 5);
    await t.read(s, { compatibility: 1, count: 2, shape: (messages) => messages.map((m) => (m.event ? m.event.event.revision : m)) });
    await t.read(s, { compatibility: 1, count: 10, shape: (messages) => messages.map((m) => (m.event ? m.event.event.revision : m)) });
    await t.read(s, { compatibility: 1, from: 9, shape: revisions });
    await t.read(s, { compatibility: 1, from: 'end', direction: 'backwards', count: 1, shape: revisions });
    await t.read(missing, { compatibility: 1 });
    await t.setMetadata(s, { $tb: 3 });
    await t.read(s, { compatibility: 1, count: 1, shape: revisions });
    await t.setMetadata(s, { $tb: 30 });
    await t.read(s, { compatibility: 1, count: 1, shape: revisions });
  },
  'read/unknown fields and directions': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    const request = t.readRequest(s);
    request.extra = Buffer.from([0x98, 0x06, 0x01]);
    await t.read(s, { raw: request, label: 'with field 99', shape: revisions });
    const odd = t.readRequest(s);
    odd.getOptions().setReadDirection(7);
    await t.read(s, { raw: odd, label: 'direction 7', shape: revisions });
  },

  'read/links, unresolved and resolved': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    await t.seed(target, 2, { custom: '{"m":1}' });
    await t.seed(list, [t.link(target, 0), t.link(target, 1), t.event()]);
    await t.read(list);
    await t.read(list, { links: true });
    await t.read(list, { links: true, from: 'end', direction: 'backwards', count: 2 });
    await t.read(list, { links: true, from: 1, uuid: 'string' });
  },
  'read/links whose target is gone': async (t) => {
    const [soft, hard, missing, short, list] = [t.stream(), t.stream(), t.stream(), t.stream(), t.stream()];
    for (const s of [soft, hard, short]) await t.seed(s, 2);
    await t.seed(list, [t.link(soft, 0), t.link(hard, 0), t.link(missing, 0), t.link(short, 9)]);
    await t.delete(soft);
    await t.tombstone(hard);
    await t.read(list, { links: true });
    await t.read(list, { links: true, from: 'end', direction: 'backwards' });
  },
  'read/links whose target is truncated': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    await t.seed(target, 3);
    await t.seed(list, [t.link(target, 0), t.link(target, 2)]);
    await t.setMetadata(target, { $tb: 2 });
    await t.read(list, { links: true });
  },
  'read/links to links': async (t) => {
    const [target, list, outer] = [t.stream(), t.stream(), t.stream()];
    await t.seed(target, 1);
    await t.seed(list, [t.link(target, 0)]);
    await t.seed(outer, [t.link(list, 0)]);
    await t.read(outer, { links: true });
  },
  'read/links that are badly written': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    await t.seed(target, 1);
    await t.seed(
      list,
      ['', 'nonsense', '@', `@${target}`, '0@', `x@${target}`, `-1@${target}`, `0@${target}@more`, ` 0@${target}`].map((data) =>
        t.event({ type: '$>', json: false, data }),
      ),
    );
    await t.read(list, { links: true });
  },
  'read/links marked as JSON': async (t) => {
    const [target, list] = [t.stream(), t.stream()];
    await t.seed(target, 1);
    await t.seed(list, [t.event({ type: '$>', json: true, data: `0@${target}` })]);
    await t.read(list, { links: true });
  },
  'read/a link to a stream whose name holds an @': async (t) => {
    const target = t.stream((name) => `${name}@home`);
    const list = t.stream();
    await t.seed(target, 1);
    await t.seed(list, [t.link(target, 0)]);
    await t.read(list, { links: true });
  },

  'read/$maxCount': async (t) => {
    const s = t.stream();
    await t.seed(s, 6);
    for (const max of [1, 2, 6, 100]) {
      await t.setMetadata(s, { $maxCount: max });
      await both(t, s, { shape: revisions });
    }
    await t.setMetadata(s, { $maxCount: 2 });
    await t.read(s, { from: 0, count: 1, shape: revisions });
    await t.read(s, { from: 2, count: 1, shape: revisions });
    await t.read(s, { from: 3, direction: 'backwards', shape: revisions });
    await t.append(s, 5, t.events(1));
    await t.read(s, { shape: revisions });
  },
  'read/$tb': async (t) => {
    const s = t.stream();
    await t.seed(s, 6);
    for (const before of [0, 3, 5, 6, 100]) {
      await t.setMetadata(s, { $tb: before });
      await both(t, s, { shape: revisions });
    }
    await t.append(s, 5, t.events(1));
    await t.read(s, { shape: revisions });
  },
  'read/$tb and $maxCount together': async (t) => {
    const s = t.stream();
    await t.seed(s, 6);
    await t.setMetadata(s, { $tb: 2, $maxCount: 2 });
    await both(t, s, { shape: revisions });
    await t.setMetadata(s, { $tb: 5, $maxCount: 4 });
    await both(t, s, { shape: revisions });
  },
  'read/$maxAge': {
    limit: 20_000,
    run: async (t) => {
      const s = t.stream();
      await t.seed(s, 2);
      await t.setMetadata(s, { $maxAge: 3600 });
      await both(t, s, { shape: revisions });
      await t.setMetadata(s, { $maxAge: 2 });
      await both(t, s, { shape: revisions });
      await t.pause(3500);
      await both(t, s, { shape: revisions });
      await t.append(s, 1, t.events(1));
      await both(t, s, { shape: revisions });
    },
  },
  'read/metadata that makes no sense': async (t) => {
    const s = t.stream();
    await t.seed(s, 4);
    for (const data of [
      '{"$maxCount":0}',
      '{"$maxCount":-1}',
      '{"$tb":-1}',
      '{"$maxAge":0}',
      '{"$maxCount":"two"}',
      '{"$maxCount":2.5}',
      'not json',
      '',
      '[]',
      '{"$MAXCOUNT":1}',
    ]) {
      await t.append(`$$${s}`, 'any', [t.event({ type: '$metadata', data })], { label: `metadata ${data}` });
      await t.read(s, { shape: revisions });
    }
  },
  'read/metadata under another event type': async (t) => {
    const s = t.stream();
    await t.seed(s, 4);
    await t.append(`$$${s}`, 'any', [t.event({ type: 'something-else', data: '{"$maxCount":1}' })]);
    await t.read(s, { shape: revisions });
    await t.append(`$$${s}`, 'any', [t.event({ type: '$metadata', json: false, data: '{"$maxCount":2}' })]);
    await t.read(s, { shape: revisions });
  },
};
