// Every expected revision against every state of a stream, through Append and BatchAppend, one and three events.

const STATES = {
  'never existed': { prepare: async () => {}, last: -1 },
  live: {
    prepare: async (t, s) => {
      await t.seed(s, 3);
    },
    last: 2,
  },
  'soft-deleted': {
    prepare: async (t, s) => {
      await t.seed(s, 3);
      await t.delete(s, 'any');
    },
    last: 2,
  },
  tombstoned: {
    prepare: async (t, s) => {
      await t.seed(s, 3);
      await t.tombstone(s, 'any');
    },
    last: 2,
  },
  'metadata only': {
    prepare: async (t, s) => {
      await t.setMetadata(s, { owner: 'me' });
    },
    last: -1,
  },
};

const EXPECTATIONS = (last) => ({
  any: 'any',
  'no stream': 'no_stream',
  'stream exists': 'stream_exists',
  ...(last > 0 ? { 'revision below the last': last - 1 } : {}),
  ...(last >= 0 ? { 'the last revision': last } : { 'revision 0': 0 }),
  'revision beyond the last': last + 5,
});

const cell = (prepare, expected) => async (t) => {
  for (const verb of ['append', 'batchAppend']) {
    for (const count of [1, 3]) {
      const s = t.stream();
      await prepare(t, s);
      await t[verb](s, expected, t.events(count, { type: `by-${verb}` }));
      await t.read(s);
      await t.read(`$$${s}`);
    }
  }
};

export const scenarios = Object.fromEntries(
  Object.entries(STATES).flatMap(([state, { prepare, last }]) =>
    Object.entries(EXPECTATIONS(last)).map(([name, expected]) => [`append/${state}, expecting ${name}`, cell(prepare, expected)]),
  ),
);
