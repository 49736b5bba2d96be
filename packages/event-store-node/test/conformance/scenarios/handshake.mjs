// What a client asks before its first call: supported methods and the cluster's members.

const methodsOf = (t, response, wanted) =>
  response
    .getMethodsList()
    .filter((method) => wanted(method.getServiceName()))
    .map((method) => `${method.getServiceName()}/${method.getMethodName()} [${[...method.getFeaturesList()].sort().join(' ')}]`)
    .sort();

const features = (wanted, show) => async (t) => {
  const { response, ...failure } = await t.supportedMethods();
  t.note('supported methods', response ? { value: (show ?? methodsOf)(t, response, wanted) } : failure);
};

const MAIN = ['event_store.client.streams.streams', 'event_store.client.persistent_subscriptions.persistentsubscriptions'];

export const scenarios = {
  'handshake/methods of streams': features((service) => service === MAIN[0]),
  'handshake/methods of persistent subscriptions': features((service) => service === MAIN[1]),
  'handshake/methods of the other services': features((service) => !MAIN.includes(service)),
  'handshake/version': features(
    () => true,
    (_, response) => response.getEventStoreServerVersion().replace(/^(\d+\.\d+)\.\d+.*$/, '$1.x'),
  ),
  'handshake/no duplicate methods': features(
    () => true,
    (_, response) => {
      const names = response.getMethodsList().map((method) => `${method.getServiceName()}/${method.getMethodName()}`);
      return new Set(names).size === names.length;
    },
  ),

  'handshake/gossip': async (t) => {
    const { response, ...failure } = await t.readGossip();
    if (!response) return t.note('gossip', failure);
    const { VNodeState } = t.protocol.G.MemberInfo;
    const state = (value) => Object.keys(VNodeState).find((name) => VNodeState[name] === value) ?? String(value);
    return t.note('gossip', {
      value: response.getMembersList().map((member) => ({
        state: state(member.getState()),
        alive: member.getIsAlive(),
        instance: member.hasInstanceId() ? (member.getInstanceId().hasStructured() ? 'structured id' : 'string id') : 'absent',
        timeIsPlausible: BigInt(member.getTimeStamp()) > 10n ** 16n,
        endpoint: member.hasHttpEndPoint()
          ? {
              address: ['127.0.0.1', 'localhost', '::1', t.target.host].includes(member.getHttpEndPoint().getAddress())
                ? 'this host'
                : member.getHttpEndPoint().getAddress(),
              port: String(member.getHttpEndPoint().getPort()) === t.target.port ? 'this port' : 'another port',
            }
          : 'absent',
      })),
    });
  },

  'handshake/request headers are accepted': async (t) => {
    const s = t.stream();
    await t.append(s, 'any', t.events(1), { headers: { 'connection-name': 'conformance', 'requires-leader': 'true' } });
    await t.read(s, { headers: { 'requires-leader': 'true' }, label: 'read with requires-leader true' });
    await t.read(s, { headers: { 'requires-leader': 'false' }, label: 'read with requires-leader false' });
    await t.read(s, { headers: { 'x-unknown': 'anything' }, label: 'read with an unknown header' });
  },

  'handshake/unknown method': async (t) => {
    const method = { ...t.protocol.streams.delete, path: '/event_store.client.streams.Streams/NoSuchMethod' };
    const request = new t.protocol.S.DeleteReq();
    const { response, ...failure } = await t.unary(method, request);
    t.note('call', response ? { value: 'answered' } : failure);
  },

  'handshake/unreadable request': async (t) => {
    const { response, ...failure } = await t.unary(t.protocol.streams.delete, Buffer.from([0xff, 0xff, 0xff]));
    t.note('delete with bytes that are no message', response ? { value: 'answered' } : failure);
    const empty = await t.unary(t.protocol.streams.delete, Buffer.alloc(0));
    t.note('delete without options', empty.response ? { value: 'answered' } : empty);
    const feed = await t.read(undefined, { raw: Buffer.alloc(0), label: 'read without options' });
    return feed;
  },

  'handshake/credentials': async (t) => {
    const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    for (const [label, headers] of [
      ['no credentials', { authorization: null }],
      ['wrong password', basic('admin:wrong')],
      ['unknown user', basic('nobody:nothing')],
      ['right password', basic('admin:changeit')],
      ['malformed header', { authorization: 'Basic ???' }],
    ]) {
      const s = t.stream();
      await t.append(s, 'any', t.events(1), { headers, label: `append with ${label}` });
      await t.read(s, { headers, label: `read with ${label}` });
    }
  },
};
