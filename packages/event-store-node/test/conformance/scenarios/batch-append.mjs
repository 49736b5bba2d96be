// BatchAppend as a conversation: correlations, messages split over requests, deadlines, errors beside successes.

const varintField = (field, bytes) => Buffer.from([field * 8 + 2, bytes.length, ...bytes]);

export const scenarios = {
  'batch/several correlations, one after the other': async (t) => {
    const batch = t.batch();
    for (let turn = 0; turn < 4; turn++) {
      batch.send(t.batchRequest({ correlation: t.correlationId(), stream: t.stream(), expected: 'no_stream', events: t.events(2) }));
    }
    await batch.answers(4, 'four streams');
    batch.stop();
  },

  'batch/interleaved correlations': async (t) => {
    const [s1, s2] = [t.stream(), t.stream()];
    const [c1, c2] = [t.correlationId(), t.correlationId()];
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: c1, stream: s1, expected: 'no_stream', events: t.events(1), final: false }));
    batch.send(t.batchRequest({ correlation: c2, stream: s2, expected: 'no_stream', events: t.events(1), final: false }));
    batch.send(t.batchRequest({ correlation: c1, options: false, events: t.events(1), final: false }));
    batch.send(t.batchRequest({ correlation: c2, options: false, events: t.events(1), final: true }));
    batch.send(t.batchRequest({ correlation: c1, options: false, events: t.events(1), final: true }));
    await batch.answers(2, 'two correlations interleaved');
    batch.stop();
    await t.read(s1);
    await t.read(s2);
  },

  'batch/nothing is written before the final message': async (t) => {
    const s = t.stream();
    const id = t.correlationId();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: id, stream: s, events: t.events(2), final: false }));
    await batch.answers(1, 'before the final message', { ms: 300 });
    await t.read(s);
    batch.send(t.batchRequest({ correlation: id, options: false, events: [], final: true }));
    await batch.answers(1, 'after an empty final message');
    batch.stop();
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
  },

  'batch/closed before the final message': async (t) => {
    const s = t.stream();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: s, events: t.events(2), final: false }));
    batch.halfClose();
    await batch.until(() => false, 500);
    batch.stop();
    await t.read(s);
  },

  'batch/options repeated on a later message': async (t) => {
    const [s1, s2] = [t.stream(), t.stream()];
    const id = t.correlationId();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: id, stream: s1, expected: 'no_stream', events: t.events(1), final: false }));
    batch.send(t.batchRequest({ correlation: id, stream: s2, expected: 'any', events: t.events(1), final: true }));
    await batch.answers(1, 'the second options name another stream');
    batch.stop();
    await t.read(s1, { shape: (messages) => [`${messages.length} messages`] });
    await t.read(s2, { shape: (messages) => [`${messages.length} messages`, ...messages.map((message) => Object.keys(message)[0])] });
  },

  'batch/options missing': async (t) => {
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), options: false, events: t.events(1) }));
    await batch.answers(1, 'first message without options', { ms: 700 });
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: t.stream(), events: t.events(1) }));
    await batch.answers(1, 'then a proper one');
    batch.stop();
  },

  'batch/stream missing': async (t) => {
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), events: t.events(1) }));
    await batch.answers(1, 'no stream identifier', { ms: 1500 });
    batch.stop();
  },

  'batch/expectation missing': async (t) => {
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: t.stream(), expected: 'unset', events: t.events(1) }));
    await batch.answers(1, 'no expected position', { ms: 1500 });
    batch.stop();
  },

  'batch/correlation id forms': async (t) => {
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), form: 'string', stream: t.stream(), events: t.events(1) }));
    await batch.answers(1, 'a string correlation id');
    batch.stop();
    const odd = t.batch();
    odd.send(t.batchRequest({ stream: t.stream(), events: t.events(1) }));
    await odd.answers(1, 'no correlation id', { ms: 1500 });
    odd.stop();
  },

  'batch/a correlation id used again': async (t) => {
    const s = t.stream();
    const id = t.correlationId();
    const batch = t.batch();
    for (const expected of ['no_stream', 0, 0]) {
      batch.send(t.batchRequest({ correlation: id, stream: s, expected, events: t.events(1) }));
      await batch.answers(batch.messages.length + 1, `again, expecting ${expected}`);
    }
    batch.stop();
  },

  'batch/errors beside successes': async (t) => {
    const [live, gone, fresh] = [t.stream(), t.stream(), t.stream()];
    await t.seed(live, 2);
    await t.seed(gone, 1);
    await t.tombstone(gone);
    const batch = t.batch();
    for (const [stream, expected] of [
      [live, 'no_stream'],
      [gone, 'any'],
      [fresh, 'no_stream'],
      [live, 7],
      [fresh, 'stream_exists'],
      [live, 1],
    ]) {
      batch.send(t.batchRequest({ correlation: t.correlationId(), stream, expected, events: t.events(1) }));
      await batch.until(() => false, 30);
    }
    await batch.answers(6, 'six answers');
    batch.stop();
  },

  'batch/every way to be wrong about the revision': async (t) => {
    const [missing, live] = [t.stream(), t.stream()];
    await t.seed(live, 3);
    for (const [stream, expected] of [
      [missing, 'stream_exists'],
      [missing, 0],
      [missing, 9],
      [live, 'no_stream'],
      [live, 9],
      [live, 1],
    ]) {
      await t.batchAppend(stream, expected, t.events(1));
    }
  },

  'batch/deadlines': async (t) => {
    for (const [label, deadline] of [
      ['an hour ago', -3_600_000],
      ['a second ago', -1000],
      ['in an hour', 3_600_000],
      ['in ten seconds', 10_000],
      ['none', undefined],
    ]) {
      const s = t.stream();
      await t.batchAppend(s, 'any', t.events(1), { deadline, label: `deadline ${label}` });
      await t.read(s, { shape: (messages) => messages.map((message) => (message.event ? 'event' : message)) });
    }
  },

  'batch/deadline passes before the final message': async (t) => {
    const s = t.stream();
    const id = t.correlationId();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: id, stream: s, deadline: 400, events: t.events(1), final: false }));
    await batch.answers(1, 'nothing more is sent', { ms: 3000 });
    batch.send(t.batchRequest({ correlation: id, options: false, events: t.events(1), final: true }));
    await batch.answers(2, 'the final message comes late', { ms: 500 });
    batch.stop();
    await t.read(s);
  },

  'batch/deadline as a duration': async (t) => {
    // newer servers know options field 7, a google.protobuf.Duration
    for (const [label, seconds] of [
      ['ten seconds', 10],
      ['zero', 0],
    ]) {
      const s = t.stream();
      const duration = seconds ? Buffer.from([8, seconds]) : Buffer.alloc(0);
      await t.batchAppend(s, 'any', t.events(1), { optionsExtra: varintField(7, duration), label: `duration of ${label}` });
      await t.read(s, { shape: (messages) => messages.map((message) => (message.event ? 'event' : message)) });
    }
  },

  'batch/too large over several messages': async (t) => {
    const s = t.stream();
    const id = t.correlationId();
    const batch = t.batch();
    const part = () => [t.event({ json: false, data: Buffer.alloc(600_000, 7) })];
    batch.send(t.batchRequest({ correlation: id, stream: s, events: part(), final: false }));
    batch.send(t.batchRequest({ correlation: id, options: false, events: part(), final: false }));
    await batch.answers(1, 'above 1 MiB with the second message');
    batch.send(t.batchRequest({ correlation: id, options: false, events: part(), final: true }));
    await batch.answers(2, 'the final message follows', { ms: 500 });
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: s, events: t.events(1) }));
    await batch.answers(2, 'another append on the same call');
    batch.stop();
    await t.read(s, { shape: (messages) => [`${messages.length} messages`] });
  },

  'batch/a bad event beside good appends': async (t) => {
    const s = t.stream();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: s, events: [t.event({ metadata: {} })] }));
    await batch.answers(1, 'an event without its type', { ms: 1500 });
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: s, events: t.events(1) }));
    await batch.answers(2, 'a proper append on the same call', { ms: 1500 });
    batch.stop();
    await t.read(s, { shape: (messages) => messages.map((message) => (message.event ? 'event' : message)) });
  },

  'batch/three hundred appends in flight': async (t) => {
    const s = t.stream();
    const batch = t.batch();
    for (let turn = 0; turn < 300; turn++) {
      batch.send(
        t.batchRequest({ correlation: t.correlationId(), stream: s, expected: turn === 0 ? 'no_stream' : turn - 1, events: t.events(1) }),
      );
    }
    await batch.until(() => batch.messages.length >= 300, 8000);
    t.note('answers', { value: { count: batch.messages.length, successes: batch.messages.filter((message) => message.success).length } });
    batch.stop();
    await t.read(s, { count: 1000, shape: (messages) => [`${messages.length} messages`] });
    await t.read(s, {
      from: 'end',
      direction: 'backwards',
      count: 1,
      shape: (messages) => messages.map((message) => message.event?.event.revision ?? message),
    });
  },

  'batch/closed after the last message': async (t) => {
    const s = t.stream();
    const batch = t.batch();
    batch.send(t.batchRequest({ correlation: t.correlationId(), stream: s, events: t.events(1) }));
    batch.halfClose();
    await batch.answers(1, 'the answer comes though the client closed its side', { quiet: 0 });
    batch.stop();
  },

  'batch/the answer names the stream and no expectation': async (t) => {
    const s = t.stream();
    await t.batchAppend(s, 'no_stream', t.events(1));
    await t.batchAppend(s, 0, t.events(1));
    await t.batchAppend(s, 'stream_exists', t.events(1));
    await t.batchAppend(s, 'any', t.events(1));
  },
};
