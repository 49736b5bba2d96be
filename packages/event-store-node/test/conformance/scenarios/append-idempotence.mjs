// The same append sent again: which repetitions are taken as repetitions, and what they answer.

/** [what is sent again, given the three events already there and fresh ones] */
const REPEATS = {
  'all ids the same': ([a, b, c]) => [a, b, c],
  'first same, later differs': ([a, b], fresh) => [a, b, fresh()],
  'first differs, later same': ([, b, c], fresh) => [fresh(), b, c],
  'first part only': ([a, b]) => [a, b],
  'last part only': ([, b, c]) => [b, c],
  'the same and one more': ([a, b, c], fresh) => [a, b, c, fresh()],
  'another order': ([a, b, c]) => [a, c, b],
};

const EXPECTED = ['any', 'no_stream', 'stream_exists', 0, 2];

const repeat = (verb, choose) => async (t) => {
  for (const expected of EXPECTED) {
    const s = t.stream();
    const events = t.events(3);
    await t[verb](s, 'no_stream', events);
    await t[verb](
      s,
      expected,
      choose(events, () => t.event()),
    );
    await t.read(s, {
      shape: (messages) => messages.map(({ event, ...rest }) => (event ? `${event.event.revision} ${event.event.id}` : rest)),
    });
  }
};

const matrix = Object.fromEntries(
  ['append', 'batchAppend'].flatMap((verb) =>
    Object.entries(REPEATS).map(([name, choose]) => [
      `idempotence/${verb === 'append' ? 'append' : 'batch'}: ${name}`,
      repeat(verb, choose),
    ]),
  ),
);

const revisions = (messages) => messages.map(({ event, ...rest }) => (event ? `${event.event.revision} ${event.event.id}` : rest));

export const scenarios = {
  ...matrix,

  'idempotence/an exact revision again, after more events': async (t) => {
    const s = t.stream();
    const [a, b, c] = [t.event(), t.event(), t.event()];
    await t.append(s, 'no_stream', [a]);
    await t.append(s, 0, [b]);
    await t.append(s, 1, [c]);
    await t.append(s, 0, [b]);
    await t.append(s, 0, [b, c]);
    await t.append(s, 'no_stream', [a, b, c]);
    await t.append(s, 1, [c, t.event()]);
    await t.append(s, 0, [c]);
    await t.append(s, 'no_stream', [b]);
    await t.read(s, { shape: revisions });
  },

  'idempotence/the same ids with other data': async (t) => {
    const s = t.stream();
    const event = t.event({ data: '{"first":true}' });
    await t.append(s, 'no_stream', [event]);
    await t.append(s, 'no_stream', [t.event({ id: event.id, data: '{"first":false}', type: 'another' })]);
    await t.append(s, 'any', [t.event({ id: event.id, data: '{"first":false}', type: 'another' })]);
    await t.read(s);
  },

  'idempotence/the same ids in another stream': async (t) => {
    const [s1, s2] = [t.stream(), t.stream()];
    const events = t.events(2);
    for (const s of [s1, s2]) await t.append(s, 'no_stream', events);
    await t.append(s2, 'any', events);
    await t.read(s2, { shape: revisions });
  },

  'idempotence/Any again after twenty other appends': async (t) => {
    const [s, other] = [t.stream(), t.stream()];
    const event = t.event();
    await t.append(s, 'any', [event]);
    for (let turn = 0; turn < 20; turn++) await t.append(turn % 2 ? s : other, 'any', [t.event()]);
    await t.append(s, 'any', [event]);
    await t.read(s, { shape: revisions });
  },

  'idempotence/after a soft delete': async (t) => {
    for (const expected of ['no_stream', 'any', 0, 'stream_exists']) {
      const s = t.stream();
      const events = t.events(2);
      await t.append(s, 'no_stream', events);
      await t.delete(s);
      await t.append(s, expected, expected === 0 ? events.slice(1) : events);
      await t.read(s, { shape: revisions });
      await t.read(`$$${s}`);
    }
  },

  'idempotence/after a tombstone': async (t) => {
    const s = t.stream();
    const events = t.events(2);
    await t.append(s, 'no_stream', events);
    await t.tombstone(s);
    for (const expected of ['no_stream', 'any', 0]) await t.append(s, expected, events);
  },

  'idempotence/ids across two appends': async (t) => {
    const s = t.stream();
    const [a, b, c] = t.events(3);
    await t.append(s, 'any', [a, b]);
    await t.append(s, 'any', [c]);
    await t.append(s, 'any', [a, b, c]);
    await t.append(s, 'any', [b, c]);
    await t.append(s, 'any', [c, a]);
    await t.read(s, { shape: revisions });
  },

  'idempotence/append, then the same by batch': async (t) => {
    const s = t.stream();
    const events = t.events(2);
    await t.append(s, 'no_stream', events);
    await t.batchAppend(s, 'no_stream', events);
    await t.batchAppend(s, 'any', events);
    await t.read(s, { shape: revisions });
  },

  'idempotence/duplicate ids within one append': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      for (const expected of ['any', 'no_stream']) {
        const s = t.stream();
        const event = t.event();
        await t[verb](s, expected, [event, t.event(), event]);
        await t.read(s, { shape: revisions });
        await t[verb](s, expected, [event]);
        await t.read(s, { shape: revisions });
      }
    }
  },

  'idempotence/metadata written twice': async (t) => {
    const s = t.stream();
    const event = t.event({ type: '$metadata', data: '{"$maxCount":2}' });
    for (const expected of ['any', 'any', 'no_stream']) await t.append(`$$${s}`, expected, [event]);
    await t.read(`$$${s}`);
  },
};
