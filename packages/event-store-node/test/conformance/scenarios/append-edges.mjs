// Odd appends: nothing in them, things missing, sizes at the limit, names and payloads of every kind.

const MIB = 1024 * 1024;
const varint = (field, value) => {
  const bytes = [];
  for (let rest = field * 8; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.from([...bytes, value]);
};

/** These names are shared by every run, so only acceptance is recorded, not the revision. */
const named = (name) => async (t) => {
  await t.append(name, 'any', t.events(1), { label: `append to ${JSON.stringify(name)}`, brief: true });
  await t.batchAppend(name, 'any', t.events(1), { label: `batch to ${JSON.stringify(name)}`, brief: true });
};

const fresh = (shape) => async (t) => {
  const s = t.stream(shape);
  await t.append(s, 'no_stream', t.events(2));
  await t.batchAppend(s, 1, t.events(1));
  await t.read(s);
  await t.delete(s);
  await t.append(s, 'stream_exists', t.events(1));
  await t.tombstone(s);
  await t.append(s, 'any', t.events(1));
  await t.read(s);
};

export const scenarios = {
  'append edge/nothing to append': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const [missing, live] = [t.stream(), t.stream()];
      for (const expected of ['any', 'no_stream', 'stream_exists', 0]) await t[verb](missing, expected, []);
      await t.read(missing);
      await t.seed(live, 2);
      for (const expected of ['any', 'no_stream', 'stream_exists', 0, 1, 7]) await t[verb](live, expected, []);
      await t.read(live, { shape: (messages) => [`${messages.length} messages`] });
    }
  },

  'append edge/nothing to append to a deleted stream': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const [soft, hard] = [t.stream(), t.stream()];
      await t.seed(soft, 2);
      await t.delete(soft);
      for (const expected of ['any', 'no_stream', 'stream_exists', 1]) await t[verb](soft, expected, []);
      await t.read(soft);
      await t.seed(hard, 2);
      await t.tombstone(hard);
      await t[verb](hard, 'any', []);
    }
  },

  'append edge/event metadata missing': async (t) => {
    const s = t.stream();
    const json = 'application/json';
    for (const [label, metadata] of [
      ['no type', { 'content-type': json }],
      ['no content type', { type: 'x' }],
      ['neither', {}],
      ['empty type', { type: '', 'content-type': json }],
      ['empty content type', { type: 'x', 'content-type': '' }],
      ['other case', { Type: 'x', 'Content-Type': json }],
    ]) {
      await t.append(s, 'any', [t.event({ metadata })], { label: `append: ${label}` });
      await t.batchAppend(s, 'any', [t.event({ metadata })], { label: `batch: ${label}` });
      await t.read(s, { shape: (messages) => messages.map((message) => message.event?.event.metadata ?? message) });
    }
  },

  'append edge/the second event lacks its type': async (t) => {
    const s = t.stream();
    await t.append(s, 'any', [t.event(), t.event({ metadata: { 'content-type': 'application/json' } }), t.event()]);
    await t.read(s);
  },

  'append edge/extra event metadata': async (t) => {
    const s = t.stream();
    await t.append(s, 'any', [
      t.event({ metadata: { type: 'x', 'content-type': 'application/json', created: '1', colour: 'red', 'is-json': 'false' } }),
    ]);
    await t.read(s);
  },

  'append edge/content types': async (t) => {
    const s = t.stream();
    for (const contentType of [
      'application/json',
      'application/octet-stream',
      'application/json; charset=utf-8',
      'Application/JSON',
      'text/plain',
      'json',
    ]) {
      await t.append(s, 'any', [t.event({ contentType, data: '{"a":1}' })], { label: `append ${contentType}` });
    }
    await t.read(s);
  },

  'append edge/custom metadata and data as bytes': async (t) => {
    const s = t.stream();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await t.append(s, 'any', [
      t.event({ custom: '{"by":"me"}' }),
      t.event({ json: false, data: bytes, custom: bytes }),
      t.event({ json: true, data: '{ "spaced" :  [1,\n2] }', custom: 'not json' }),
      t.event({ json: false, data: '', custom: '' }),
    ]);
    await t.read(s);
  },

  'append edge/empty data': async (t) => {
    const s = t.stream();
    await t.append(s, 'any', [t.event({ data: '' })]);
    await t.append(s, 'any', [t.event({ json: false, data: '' })]);
    await t.batchAppend(s, 'any', [t.event({ data: '' })]);
    await t.read(s);
  },

  'append edge/data that is not the JSON it claims to be': async (t) => {
    const s = t.stream();
    for (const data of ['not json', '{"open":', Buffer.from([0xff, 0xfe]), '1', 'null', '"text"', '[]']) {
      await t.append(s, 'any', [t.event({ data })]);
      await t.batchAppend(s, 'any', [t.event({ data })]);
    }
    await t.read(s);
  },

  'append edge/ids as strings': async (t) => {
    const s = t.stream();
    const id = t.id();
    await t.append(s, 'any', [t.event({ id, idForm: 'string' })]);
    await t.append(s, 'no_stream', [t.event({ id, idForm: 'structured' })]);
    await t.append(s, 'any', [t.event({ id: t.id().toUpperCase().replace(/-/g, ''), idForm: 'string' })], {
      label: 'append: id without dashes, in capitals',
    });
    await t.batchAppend(s, 'any', [t.event({ idForm: 'string' })]);
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
    await t.read(s, { uuid: 'string', count: 1 });
  },

  'append edge/ids that are none': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const s = t.stream();
      await t[verb](s, 'any', [t.event({ idForm: 'absent' })], { label: `${verb}: id absent` });
      await t[verb](s, 'any', [t.event({ idForm: 'empty' })], { label: `${verb}: id without value` });
      await t[verb](s, 'any', [t.event({ id: '00000000-0000-0000-0000-000000000000' })], { label: `${verb}: id of zeros` });
      await t.read(s, { shape: (messages) => messages.map((message) => (message.event ? 'event' : message)) });
    }
  },

  'append edge/an id that is no uuid': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const s = t.stream();
      await t[verb](s, 'any', [t.event({ id: 'not-a-uuid', idForm: 'string' })], { label: `${verb}: id "not-a-uuid"` });
      await t[verb](s, 'any', [t.event({ id: '', idForm: 'string' })], { label: `${verb}: id ""` });
      await t.read(s, { shape: (messages) => messages.map((message) => (message.event ? 'event' : message)) });
    }
  },

  'append edge/size at the limit': async (t) => {
    const sized = (bytes) => t.event({ type: 'sized', json: false, data: Buffer.alloc(bytes - 10, 1) });
    for (const verb of ['append', 'batchAppend']) {
      const s = t.stream();
      await t[verb](s, 'any', [sized(MIB - 1)], { label: `${verb}: one byte below 1 MiB` });
      await t[verb](s, 'any', [sized(MIB)], { label: `${verb}: exactly 1 MiB` });
      await t[verb](s, 'any', [sized(MIB + 1)], { label: `${verb}: one byte above 1 MiB` });
      await t.read(s, { shape: (messages) => messages.map((message) => message.event?.event.data ?? message) });
    }
  },

  'append edge/what counts as size': async (t) => {
    const s = t.stream();
    const half = Buffer.alloc(MIB / 2, 1);
    await t.append(s, 'any', [t.event({ type: 'ab', json: false, data: half, custom: Buffer.alloc(MIB / 2 - 4, 1) })], {
      label: 'data + custom metadata + 2 × type = 1 MiB',
    });
    await t.append(s, 'any', [t.event({ type: 'ab', json: false, data: half, custom: Buffer.alloc(MIB / 2 - 3, 1) })], {
      label: 'one byte more',
    });
    await t.append(s, 'any', [t.event({ type: 'éé', json: false, data: half, custom: Buffer.alloc(MIB / 2 - 4, 1) })], {
      label: 'a non-ASCII type, counted in characters',
    });
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
  },

  'append edge/several events above the limit together': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const s = t.stream();
      const events = () => Array.from({ length: 3 }, () => t.event({ json: false, data: Buffer.alloc(400_000, 2) }));
      await t[verb](s, 'any', events().slice(1), { label: `${verb}: 2 × 400 kB` });
      await t[verb](s, 'any', events(), { label: `${verb}: 3 × 400 kB` });
      await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
    }
  },

  'append edge/5 MiB in one event': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      await t[verb](t.stream(), 'any', [t.event({ json: false, data: Buffer.alloc(5 * MIB, 3) })], { label: `${verb}: 5 MiB` });
    }
  },

  'append edge/500 events at once': async (t) => {
    for (const verb of ['append', 'batchAppend']) {
      const s = t.stream();
      await t[verb](s, 'no_stream', t.events(500));
      await t.read(s, { from: 'end', direction: 'backwards', count: 1 });
      await t.read(s, { count: 1000, shape: (messages) => [`${messages.length} messages`] });
    }
  },

  'append edge/stream name empty': named(''),
  'append edge/stream name $': named('$'),
  'append edge/stream name $all': named('$all'),
  'append edge/metadata of a metadata stream': async (t) => {
    const s = t.stream();
    await t.append(`$$$$${s}`, 'any', t.events(1));
    await t.batchAppend(`$$$$${s}`, 'any', t.events(1));
    await t.read(`$$$$${s}`);
  },
  'append edge/a system stream': fresh((name) => `$${name}`),
  'append edge/name with spaces, slashes, quotes': fresh((name) => `${name} a/b\\c "d" 'e' ?&#%41 +`),
  'append edge/name with control characters': fresh((name) => `${name}\n\t\u0007end`),
  'append edge/name with surrounding blanks': fresh((name) => ` ${name} `),
  'append edge/non-ASCII name': fresh((name) => `${name}-żółć-日本-🚀`),
  'append edge/name of 1,000 characters': fresh((name) => name.padEnd(1000, 'x')),
  'append edge/name of 10,000 characters': fresh((name) => name.padEnd(10_000, 'x')),
  'append edge/name with @ and ::': fresh((name) => `${name}@3::group`),

  'append edge/stream names differ by case': async (t) => {
    const s = t.stream();
    await t.append(`${s}-a`, 'no_stream', t.events(1));
    await t.append(`${s}-A`, 'no_stream', t.events(1));
    await t.read(`${s}-A`);
  },

  'append edge/name that is not UTF-8': async (t) => {
    const s = t.stream();
    const name = Buffer.concat([Buffer.from(s), Buffer.from([0xff, 0xfe])]);
    const requests = t.appendRequests(s, 'any', t.events(1));
    const identifier = new t.protocol.Sh.StreamIdentifier();
    identifier.setStreamName(name);
    requests[0].getOptions().setStreamIdentifier(identifier);
    await t.append(s, 'any', [], { requests, label: 'append to a name that is not UTF-8' });
  },

  'append edge/event types of every kind': async (t) => {
    const s = t.stream();
    for (const type of ['żółć-日本-🚀', 'with space', '$system', '$metadata', '$streamDeleted', '$>', 'x'.repeat(1000), 'new\nline']) {
      await t.append(s, 'any', [t.event({ type })], {
        label: `append type ${type.length > 20 ? `of ${type.length} characters` : JSON.stringify(type)}`,
      });
    }
    await t.read(s);
  },

  'append edge/options missing or misplaced': async (t) => {
    const s = t.stream();
    const [options, message] = t.appendRequests(s, 'any', t.events(1));
    await t.append(s, 'any', [], { requests: [], label: 'no request at all' });
    await t.append(s, 'any', [], { requests: [message], label: 'event first, no options' });
    await t.append(s, 'any', [], { requests: [message, options], label: 'event, then options' });
    await t.append(s, 'any', [], { requests: [options, options, message], label: 'options twice' });
    await t.append(s, 'any', [], { requests: [options, message, options], label: 'options again at the end' });
    await t.append(s, 'any', [], { requests: [Buffer.alloc(0)], label: 'an empty first request' });
    await t.append(s, 'any', [], { requests: [options, Buffer.alloc(0)], label: 'an empty second request' });
    await t.read(s);
  },

  'append edge/expectation or stream missing': async (t) => {
    const s = t.stream();
    await t.append(s, 'unset', t.events(1));
    await t.append(undefined, 'any', t.events(1), { label: 'no stream identifier' });
    await t.read(s);
  },

  'append edge/expected revisions that cannot be': async (t) => {
    const s = t.stream();
    await t.seed(s, 2);
    for (const expected of ['9223372036854775807', '9223372036854775808', '18446744073709551615', '18446744073709551614']) {
      await t.append(s, expected, t.events(1));
      await t.batchAppend(s, expected, t.events(1));
    }
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
  },

  'append edge/unknown fields are ignored': async (t) => {
    const s = t.stream();
    const extra = varint(99, 1);
    await t.append(s, 'any', [{ ...t.event(), extra }], { extra, label: 'append with field 99' });
    await t.batchAppend(s, 'any', [t.event()], { extra, label: 'batch with field 99' });
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
  },

  'append edge/positions grow within and between appends': async (t) => {
    const [a, b] = [t.stream(), t.stream()];
    await t.append(a, 'any', t.events(3));
    await t.append(b, 'any', t.events(2));
    await t.batchAppend(a, 'any', t.events(2));
    await t.read(a);
    await t.read(b);
  },
};
