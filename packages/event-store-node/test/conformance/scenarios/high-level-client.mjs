// The same server through the high-level client: what applications see, above all which error class they get.

const jsonEvent = (t, fields = {}) => t.protocol.db.jsonEvent({ type: 'thing-happened', id: t.id(), data: { n: 1 }, ...fields });
const shown = (t) => (result) => ({
  success: result.success,
  nextExpectedRevision: String(result.nextExpectedRevision),
  position: t.showPosition(result.position),
});
const collect = async (stream, show) => {
  const seen = [];
  for await (const resolved of stream) seen.push(show(resolved));
  return seen;
};

/** Follows a subscription of the high-level client for a while; `act` runs once it is listening. */
const follow = async (t, label, subscription, wanted, act, onEvent) => {
  const seen = [];
  let end = 'open';
  const done = new Promise((resolve) => {
    subscription.on('data', (resolved) => {
      seen.push(t.showResolved(resolved));
      onEvent?.(resolved, seen.length);
      if (seen.length >= wanted) resolve();
    });
    subscription.on('error', (error) => {
      end = t.clientError(error);
      resolve();
    });
    subscription.on('end', resolve);
  });
  await t.pause(300);
  await act?.();
  await Promise.race([done, t.pause(4000)]);
  await t.pause(200);
  t.note(label, { messages: seen, end });
  await Promise.race([Promise.resolve(subscription.unsubscribe()).catch(() => {}), t.pause(1000)]);
};

export const scenarios = {
  'client/append and read': async (t) => {
    const { db } = t.protocol;
    const client = t.client();
    const s = t.stream();
    await t.attempt(
      'append',
      () =>
        client.appendToStream(
          s,
          [
            jsonEvent(t, { metadata: { by: 'me' } }),
            jsonEvent(t),
            db.binaryEvent({ type: 'bytes-came', id: t.id(), data: Buffer.from([1, 2, 3]), metadata: Buffer.from([9]) }),
          ],
          { expectedRevision: db.NO_STREAM },
        ),
      shown(t),
    );
    await t.attempt(
      'read forwards',
      () => collect(client.readStream(s), (resolved) => t.showResolved(resolved)),
      (value) => value,
    );
    await t.attempt(
      'read backwards',
      () =>
        collect(client.readStream(s, { direction: db.BACKWARDS, fromRevision: db.END, maxCount: 1 }), (resolved) =>
          t.showResolved(resolved),
        ),
      (value) => value,
    );
  },
  'client/append without batch append': async (t) => {
    const { db } = t.protocol;
    const client = t.client();
    const s = t.stream();
    // credentials on the call make this client use the older Append
    const credentials = { username: 'admin', password: 'changeit' };
    await t.attempt('append', () => client.appendToStream(s, [jsonEvent(t)], { expectedRevision: db.NO_STREAM, credentials }), shown(t));
    await t.attempt('wrong revision', () => client.appendToStream(s, [jsonEvent(t)], { expectedRevision: 5n, credentials }), shown(t));
  },
  'client/wrong expected revisions': async (t) => {
    const { db } = t.protocol;
    const client = t.client();
    const [missing, live] = [t.stream(), t.stream()];
    await t.attempt('seed', () => client.appendToStream(live, [jsonEvent(t), jsonEvent(t)]), shown(t));
    for (const [stream, expectedRevision] of [
      [missing, db.STREAM_EXISTS],
      [missing, 3n],
      [live, db.NO_STREAM],
      [live, 9n],
      [live, 0n],
    ]) {
      await t.attempt(
        `append ${stream} expecting ${expectedRevision}`,
        () => client.appendToStream(stream, [jsonEvent(t)], { expectedRevision }),
        shown(t),
      );
    }
    const lenient = t.client('&throwOnAppendFailure=false');
    await t.attempt('without throwing', () => lenient.appendToStream(live, [jsonEvent(t)], { expectedRevision: 9n }), shown(t));
  },
  'client/missing and deleted streams': async (t) => {
    const client = t.client();
    const [missing, gone] = [t.stream(), t.stream()];
    await t.attempt(
      'read a missing stream',
      () => collect(client.readStream(missing), (resolved) => t.showResolved(resolved)),
      (value) => value,
    );
    await t.attempt('append', () => client.appendToStream(gone, [jsonEvent(t)]), shown(t));
    await t.attempt(
      'delete',
      () => client.deleteStream(gone),
      (result) => t.showPosition(result.position),
    );
    await t.attempt(
      'read a deleted stream',
      () => collect(client.readStream(gone), (resolved) => t.showResolved(resolved)),
      (value) => value,
    );
    await t.attempt(
      'delete with a wrong revision',
      () => client.deleteStream(gone, { expectedRevision: 7n }),
      (result) => t.showPosition(result.position),
    );
    await t.attempt(
      'tombstone',
      () => client.tombstoneStream(gone),
      (result) => t.showPosition(result.position),
    );
    await t.attempt(
      'read a tombstoned stream',
      () => collect(client.readStream(gone), (resolved) => t.showResolved(resolved)),
      (value) => value,
    );
    await t.attempt('append to a tombstoned stream', () => client.appendToStream(gone, [jsonEvent(t)]), shown(t));
    await t.attempt(
      'delete a tombstoned stream',
      () => client.deleteStream(gone),
      (result) => t.showPosition(result.position),
    );
  },
  'client/too large an append': async (t) => {
    const client = t.client();
    const s = t.stream();
    await t.attempt('append 2 MB', () => client.appendToStream(s, [jsonEvent(t, { data: { text: 'x'.repeat(2_000_000) } })]), shown(t));
  },
  'client/stream metadata': async (t) => {
    const client = t.client();
    const s = t.stream();
    // this client reports the commit position as the metadata stream's revision
    const show = (result) => ({
      revision: t.showPosition(result.metastreamRevision),
      metadata: result.metadata ?? 'undefined',
      stream: result.streamName,
    });
    await t.attempt('get before it is set', () => client.getStreamMetadata(s), show);
    await t.attempt(
      'set',
      () => client.setStreamMetadata(s, { maxCount: 3, truncateBefore: 1, acl: { readRoles: ['$all'] }, mine: 'x' }),
      shown(t),
    );
    await t.attempt('get', () => client.getStreamMetadata(s), show);
    await t.attempt('set with a wrong revision', () => client.setStreamMetadata(s, {}, { expectedRevision: 5n }), shown(t));
  },
  'client/catch-up subscription': async (t) => {
    const client = t.client();
    const s = t.stream();
    await t.attempt('append', () => client.appendToStream(s, [jsonEvent(t), jsonEvent(t)]), shown(t));
    await follow(t, 'subscription', client.subscribeToStream(s), 3, () => client.appendToStream(s, [jsonEvent(t)]));
  },
  'client/subscription to a tombstoned stream': async (t) => {
    const client = t.client();
    const s = t.stream();
    await t.attempt(
      'tombstone',
      () => client.tombstoneStream(s),
      (result) => t.showPosition(result.position),
    );
    await follow(t, 'subscription', client.subscribeToStream(s), 1);
  },
  'client/filtered $all': async (t) => {
    const { db } = t.protocol;
    const client = t.client();
    const s = t.stream();
    const first = await client.appendToStream(s, [jsonEvent(t)]).catch(() => undefined);
    if (!first?.position) return t.note('first append', { value: 'no position' });
    const filter = db.streamNameFilter({ prefixes: [s], checkpointInterval: 1000 });
    await follow(t, 'subscription', client.subscribeToAll({ fromPosition: first.position, filter }), 2, () =>
      client.appendToStream(s, [jsonEvent(t), jsonEvent(t)]),
    );
    return undefined;
  },
  'client/persistent subscription': async (t) => {
    const { db } = t.protocol;
    const client = t.client();
    const s = t.stream();
    const g = t.group();
    const settings = db.persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: db.START });
    await t.attempt('append', () => client.appendToStream(s, [jsonEvent(t), jsonEvent(t)]), shown(t));
    await t.attempt('create', () => client.createPersistentSubscriptionToStream(s, g, settings));
    await t.attempt('create again', () => client.createPersistentSubscriptionToStream(s, g, settings));
    const subscription = client.subscribeToPersistentSubscriptionToStream(s, g);
    await follow(t, 'subscription', subscription, 3, undefined, (resolved, count) => {
      if (count === 1) subscription.nack('retry', 'once more', resolved).catch(() => {});
      else subscription.ack(resolved).catch(() => {});
    });
    await t.attempt(
      'info',
      () => client.getPersistentSubscriptionToStreamInfo(s, g),
      (info) => ({
        groupName: info.groupName,
        eventSource: info.eventSource,
        strategy: info.settings.consumerStrategyName,
        startFrom: String(info.settings.startFrom),
      }),
    );
    await t.attempt('delete', () => client.deletePersistentSubscriptionToStream(s, g));
    await t.attempt('delete again', () => client.deletePersistentSubscriptionToStream(s, g));
    await t.attempt(
      'info of a deleted group',
      () => client.getPersistentSubscriptionToStreamInfo(s, g),
      () => 'found',
    );
    await follow(t, 'subscription to a deleted group', client.subscribeToPersistentSubscriptionToStream(s, g), 1);
  },
  'client/discovery by gossip': async (t) => {
    const { db } = t.protocol;
    const client = db.EventStoreDBClient.connectionString(
      `esdb+discover://${t.target.address}?tls=false&maxDiscoverAttempts=2&discoveryInterval=50&gossipTimeout=2`,
    );
    t.clients.push(client);
    const s = t.stream();
    await t.attempt('append', () => client.appendToStream(s, [jsonEvent(t)]), shown(t));
    await t.attempt(
      'read',
      () => collect(client.readStream(s), (resolved) => t.showResolved(resolved)),
      (value) => value,
    );
  },
};
