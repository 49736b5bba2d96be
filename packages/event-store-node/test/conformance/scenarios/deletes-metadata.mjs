// Stream metadata, soft delete, undelete, tombstone.

const brief = (messages) => messages.map(({ event, ...rest }) => (event ? `event ${event.event.revision}` : rest));
const STATES = {
  'a missing stream': async () => {},
  'a live stream': async (t, s) => {
    await t.seed(s, 3);
  },
  'a soft-deleted stream': async (t, s) => {
    await t.seed(s, 3);
    await t.delete(s);
  },
  'a tombstoned stream': async (t, s) => {
    await t.seed(s, 3);
    await t.tombstone(s);
  },
  'a stream with only metadata': async (t, s) => {
    await t.setMetadata(s, { a: 1 });
  },
};

const removal = (verb, prepare) => async (t) => {
  for (const expected of ['any', 'no_stream', 'stream_exists', 0, 1, 2, 9, 'unset']) {
    const s = t.stream();
    await prepare(t, s);
    await t[verb](s, expected);
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
    await t.append(s, 'any', t.events(1));
    await t.read(s, { shape: brief });
  }
};

export const scenarios = {
  ...Object.fromEntries(
    ['delete', 'tombstone'].flatMap((verb) => Object.entries(STATES).map(([name, prepare]) => [`${verb}/${name}`, removal(verb, prepare)])),
  ),

  'delete/twice': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.delete(s, 1);
    await t.delete(s, 1);
    await t.delete(s, 'any');
    await t.read(`$$${s}`);
  },
  'tombstone/twice': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    for (const expected of [1, 1, 'any', 'no_stream']) await t.tombstone(s, expected);
    await t.delete(s, 'any');
  },
  'tombstone/after it': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.tombstone(s);
    for (const expected of ['any', 'no_stream', 'stream_exists', 0, 1, 2, '9223372036854775807']) {
      await t.append(s, expected, t.events(1));
      await t.batchAppend(s, expected, t.events(1));
    }
    await t.setMetadata(s, { a: 1 });
    await t.read(`$$${s}`);
    await t.delete(`$$${s}`);
  },
  'tombstone/after a soft delete': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.delete(s);
    await t.tombstone(s, 1);
    await t.tombstone(s, 'any');
    await t.read(s);
  },
  'tombstone/its metadata stream stays readable': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { $maxCount: 5, owner: 'me' });
    await t.seed(s, 1);
    await t.tombstone(s);
    await t.read(`$$${s}`);
    await t.append(`$$${s}`, 'any', [t.event({ type: '$metadata', data: '{}' })]);
  },
  'delete/undelete numbers on': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    await t.append(s, 'any', t.events(2));
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
    await t.delete(s, 4);
    await t.append(s, 4, t.events(1));
    await t.read(s);
    await t.read(`$$${s}`);
  },
  'delete/undelete by no_stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    await t.append(s, 'no_stream', t.events(2));
    await t.read(s, { shape: brief });
    await t.append(s, 'no_stream', t.events(1));
    await t.append(s, 4, t.events(1));
    await t.read(s, { shape: brief });
  },
  'delete/undelete keeps other metadata': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { $maxCount: 10, owner: 'me', nested: { list: [1, 2] } });
    await t.seed(s, 3);
    await t.delete(s);
    await t.read(`$$${s}`);
    await t.append(s, 'any', t.events(1));
    await t.read(`$$${s}`);
    await t.read(s, { shape: brief });
  },
  'delete/undelete by writing metadata': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    await t.setMetadata(s, { $tb: 1 });
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
    await t.append(s, 2, t.events(1));
    await t.read(s, { shape: brief });
  },
  'delete/undelete by writing metadata without $tb': async (t) => {
    const s = t.stream();
    await t.seed(s, 3);
    await t.delete(s);
    await t.setMetadata(s, { colour: 'red' });
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
    await t.append(s, 'any', t.events(1));
    await t.read(s, { shape: brief });
  },
  'delete/the metadata stream': async (t) => {
    const s = t.stream();
    await t.seed(s, 1);
    await t.setMetadata(s, { $maxCount: 1 });
    await t.delete(`$$${s}`);
    await t.tombstone(`$$${s}`);
    await t.read(`$$${s}`);
    await t.read(s, { shape: brief });
  },
  'delete/an empty name': async (t) => {
    await t.delete('', 'any', { label: 'delete ""' });
    await t.tombstone('', 'any', { label: 'tombstone ""' });
  },
  'delete/non-ASCII name in the trailers': async (t) => {
    const s = t.stream((name) => `${name}-żółć-日本`);
    await t.delete(s, 5);
    await t.seed(s, 1);
    await t.delete(s, 5);
    await t.tombstone(s);
    await t.delete(s, 'any');
    await t.read(s);
  },
  'delete/long name in the trailers': async (t) => {
    const s = t.stream((name) => name.padEnd(3000, 'y'));
    await t.delete(s, 5);
    await t.tombstone(s);
    await t.read(s);
  },

  'metadata/set and read': async (t) => {
    const s = t.stream();
    await t.setMetadata(
      s,
      { $maxCount: 3, $maxAge: 100, $cacheControl: 5, $acl: { $r: '$all', $w: ['ops', '$admins'] }, mine: { a: [1, null, 'x'] } },
      'no_stream',
    );
    await t.setMetadata(s, { mine: 2 }, 0);
    await t.setMetadata(s, { mine: 3 }, 0);
    await t.setMetadata(s, { mine: 4 }, 'stream_exists');
    await t.read(`$$${s}`);
    await t.read(s);
  },
  'metadata/wrong expected revisions': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { a: 1 }, 0);
    await t.setMetadata(s, { a: 1 }, 'stream_exists');
    await t.setMetadata(s, { a: 1 }, 'no_stream');
    await t.setMetadata(s, { a: 2 }, 'no_stream');
    await t.setMetadata(s, { a: 2 }, 7);
  },
  'metadata/bytes come back as they were': async (t) => {
    const s = t.stream();
    await t.append(`$$${s}`, 'any', [t.event({ type: '$metadata', data: '{ "b" : 1,\n\t"a":  2 }', custom: ' { } ' })]);
    const feed = await t.read(`$$${s}`, { shape: (messages) => [`${messages.length} messages`] });
    void feed;
    await t.attempt(
      'raw bytes',
      () =>
        new Promise((resolve, reject) => {
          const call = t.serverStream(t.protocol.streams.read, t.readRequest(`$$${s}`));
          call.on('data', (message) => resolve(Buffer.from(message.getEvent().getEvent().getData_asU8()).toString('utf8')));
          call.on('status', () => reject(new Error('no event')));
        }),
      (text) => text,
    );
  },
  'metadata/does not make the stream exist': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { a: 1 });
    await t.read(s);
    await t.append(s, 'stream_exists', t.events(1));
    await t.append(s, 'no_stream', t.events(1));
    await t.read(s, { shape: brief });
  },
  'metadata/set before the first append': async (t) => {
    const s = t.stream();
    await t.setMetadata(s, { $maxCount: 2 });
    await t.append(s, 'no_stream', t.events(4));
    await t.read(s, { shape: brief });
  },
  'metadata/set $tb beyond the end, then append': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.setMetadata(s, { $tb: 50 });
    await t.read(s);
    await t.append(s, 1, t.events(1));
    await t.append(s, 'no_stream', t.events(1));
    await t.append(s, 'stream_exists', t.events(1));
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
  },
  'metadata/$tb of the largest value by hand': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    await t.append(`$$${s}`, 'any', [t.event({ type: '$metadata', data: '{"$tb":9223372036854775807}' })]);
    await t.read(s);
    await t.append(s, 'stream_exists', t.events(1));
    await t.append(s, 'no_stream', t.events(1));
    await t.read(s, { shape: brief });
    await t.read(`$$${s}`);
  },
};
