import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AccessDeniedError,
  EventStoreDBClient,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type ReadableSubscription,
} from '@eventstore/db-client';
import { all, unique } from '@lifeos/test-support';
import { startEmbeddedNode, type EmbeddedNode } from '../src/embedded-node.js';

const TLS = 'packages/event-store-node/test/support/tls';
const USERS = [
  { name: 'admin', password: 'a:secret', groups: ['$admins'] },
  { name: 'ops', password: 'b', groups: ['$ops'] },
  { name: 'user', password: 'c', groups: [] },
];
const WHO = ['none', 'user', 'ops', 'admin'] as const;
type Who = (typeof WHO)[number];

const event = () => jsonEvent({ id: randomUUID(), type: 'happened', data: {} });
const groupSettings = persistentSubscriptionToStreamSettingsFromDefaults();
const allGroupSettings = persistentSubscriptionToAllSettingsFromDefaults();

describe('a node with users', () => {
  let dataDir: string;
  let node: EmbeddedNode;
  const clients = {} as Record<Who, EventStoreDBClient>;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'access-'));
    const [certificate, key] = await Promise.all(['certificate', 'key'].map((name) => readFile(`${TLS}/${name}.pem`, 'utf8')));
    node = await startEmbeddedNode({ dataDir, tls: { certificate: certificate!, key: key! }, users: USERS });
    for (const who of WHO) clients[who] = connect(USERS.find(({ name }) => name === who));
  });
  afterAll(async () => {
    await Promise.all(WHO.map((who) => clients[who].dispose()));
    await node.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  function connect(user?: { readonly name: string; readonly password: string }): EventStoreDBClient {
    const credentials = user ? `${user.name}:${encodeURIComponent(user.password)}@` : '';
    const address = node.connectionString.replace('esdb://', `esdb://${credentials}`);
    return EventStoreDBClient.connectionString(`${address}&tlsCAFile=${encodeURIComponent(path.resolve(TLS, 'certificate.pem'))}`);
  }

  /** A stream with one event. */
  async function stream(prefix = 'ordinary-', acl?: Record<string, unknown>): Promise<string> {
    const name = unique(prefix);
    await clients.admin.appendToStream(name, [event()]);
    if (acl) await clients.admin.setStreamMetadata(name, { acl });
    return name;
  }

  async function group(streamName: string): Promise<string> {
    const name = unique('group-');
    await clients.admin.createPersistentSubscriptionToStream(streamName, name, groupSettings);
    return name;
  }

  async function groupToAll(): Promise<string> {
    const name = unique('group-');
    await clients.admin.createPersistentSubscriptionToAll(name, allGroupSettings);
    return name;
  }

  /** Resolves with the first thing that a subscription does. */
  const begins = (subscription: ReadableSubscription<never>): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      subscription.once('confirmation', () => resolve()).once('error', reject);
    }).finally(() => {
      subscription.on('error', () => undefined);
      return subscription.unsubscribe();
    });

  type Call = (client: EventStoreDBClient) => Promise<unknown>;
  const RESTRICTED = {
    readRoles: ['nobody'],
    writeRoles: ['nobody'],
    deleteRoles: ['nobody'],
    metaReadRoles: ['nobody'],
    metaWriteRoles: ['nobody'],
  };

  /** The table of a real node: who may do what. A call is prepared by an admin. */
  const ROWS: readonly (readonly [string, readonly Who[], () => Promise<Call>])[] = [
    [
      'append to an ordinary stream',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.appendToStream(name, [event()])
        )(await stream()),
    ],
    [
      'read an ordinary stream',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            all(client.readStream(name))
        )(await stream()),
    ],
    [
      'subscribe to an ordinary stream',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            begins(client.subscribeToStream(name) as never)
        )(await stream()),
    ],
    [
      'read its metadata',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.getStreamMetadata(name)
        )(await stream()),
    ],
    [
      'write its metadata',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.setStreamMetadata(name, { maxCount: 9 })
        )(await stream()),
    ],
    [
      'delete an ordinary stream',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.deleteStream(name)
        )(await stream()),
    ],
    [
      'tombstone an ordinary stream',
      ['user', 'ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.tombstoneStream(name)
        )(await stream()),
    ],
    [
      'append to a system stream',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            client.appendToStream(name, [event()])
        )(await stream('$system-')),
    ],
    [
      'read a system stream',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            all(client.readStream(name))
        )(await stream('$system-')),
    ],
    [
      'append to a stream that is somebody else’s',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            client.appendToStream(name, [event()])
        )(await stream('secret-', RESTRICTED)),
    ],
    [
      'read a stream that is somebody else’s',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            all(client.readStream(name))
        )(await stream('secret-', RESTRICTED)),
    ],
    [
      'delete a stream that is somebody else’s',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            client.deleteStream(name)
        )(await stream('secret-', RESTRICTED)),
    ],
    [
      'read the metadata of a stream that is somebody else’s',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            client.getStreamMetadata(name)
        )(await stream('secret-', RESTRICTED)),
    ],
    [
      'write the metadata of a stream that is somebody else’s',
      ['admin'],
      async () =>
        (
          (name) => (client) =>
            client.setStreamMetadata(name, {})
        )(await stream('secret-', RESTRICTED)),
    ],
    ['read $all', ['admin'], () => Promise.resolve((client) => all(client.readAll({ maxCount: 1 })))],
    ['subscribe to $all', ['admin'], () => Promise.resolve((client) => begins(client.subscribeToAll({ fromPosition: 'end' }) as never))],
    [
      'create a group on a stream',
      ['ops', 'admin'],
      async () =>
        (
          (name) => (client) =>
            client.createPersistentSubscriptionToStream(name, unique('group-'), groupSettings)
        )(await stream()),
    ],
    [
      'update a group on a stream',
      ['ops', 'admin'],
      async () => {
        const name = await stream();
        const on = await group(name);
        return (client) => client.updatePersistentSubscriptionToStream(name, on, groupSettings);
      },
    ],
    [
      'delete a group on a stream',
      ['ops', 'admin'],
      async () => {
        const name = await stream();
        const on = await group(name);
        return (client) => client.deletePersistentSubscriptionToStream(name, on);
      },
    ],
    [
      'replay what a group on a stream parked',
      ['ops', 'admin'],
      async () => {
        const name = await stream();
        const on = await group(name);
        return (client) => client.replayParkedMessagesToStream(name, on);
      },
    ],
    [
      'create a group on $all',
      ['ops', 'admin'],
      () => Promise.resolve((client) => client.createPersistentSubscriptionToAll(unique('group-'), allGroupSettings)),
    ],
    [
      'update a group on $all',
      ['ops', 'admin'],
      async () =>
        (
          (on) => (client) =>
            client.updatePersistentSubscriptionToAll(on, allGroupSettings)
        )(await groupToAll()),
    ],
    [
      'delete a group on $all',
      ['ops', 'admin'],
      async () =>
        (
          (on) => (client) =>
            client.deletePersistentSubscriptionToAll(on)
        )(await groupToAll()),
    ],
    [
      'restart the subsystem of groups',
      ['ops', 'admin'],
      () => Promise.resolve((client) => client.restartPersistentSubscriptionSubsystem()),
    ],
    [
      'connect to a group on an ordinary stream',
      ['user', 'ops', 'admin'],
      async () => {
        const name = await stream();
        const on = await group(name);
        return (client) => begins(client.subscribeToPersistentSubscriptionToStream(name, on) as never);
      },
    ],
    [
      'ask about a group on an ordinary stream',
      ['user', 'ops', 'admin'],
      async () => {
        const name = await stream();
        const on = await group(name);
        return (client) => client.getPersistentSubscriptionToStreamInfo(name, on);
      },
    ],
    ['list all groups', ['user', 'ops', 'admin'], () => Promise.resolve((client) => client.listAllPersistentSubscriptions())],
  ];
  const CASES = ROWS.flatMap(([what, allowed, prepare]) =>
    WHO.map((who) => [allowed.includes(who) ? 'lets' : 'does not let', who, what, prepare] as const),
  );

  it.each(CASES)('%s %s %s', async (verdict, who, _, prepare) => {
    const call = await prepare();
    const outcome = call(clients[who]);
    if (verdict === 'lets') await outcome;
    else await expect(outcome).rejects.toBeInstanceOf(AccessDeniedError);
  });

  it.each([
    ['a wrong password', { name: 'admin', password: 'b' }],
    ['an unknown name', { name: 'nobody', password: 'a:secret' }],
    ['another one’s name', { name: 'user', password: 'a:secret' }],
  ])('answers %s with UNAUTHENTICATED, whatever is asked', async (_, wrong) => {
    const client = connect(wrong);
    const name = await stream();
    for (const call of [
      () => all(client.readStream(name)),
      () => client.appendToStream(name, [event()]),
      () => client.listAllPersistentSubscriptions(),
    ])
      await expect(call()).rejects.toBeInstanceOf(AccessDeniedError);
    await client.dispose();
  });

  it('takes credentials call by call', async () => {
    const name = await stream('$system-');
    const credentials = { username: 'admin', password: 'a:secret' };
    expect(await all(clients.none.readStream(name, { credentials }))).toHaveLength(1);
    await clients.user.appendToStream(name, [event()], { credentials });
  });

  it('heeds roles: users by name, groups, and everybody', async () => {
    const name = await stream('shared-', { readRoles: ['$all'], writeRoles: ['user'], deleteRoles: ['$ops'], metaReadRoles: [] });
    await all(clients.ops.readStream(name));
    await clients.user.appendToStream(name, [event()]);
    await expect(clients.ops.appendToStream(name, [event()])).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(clients.user.deleteStream(name)).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(clients.ops.getStreamMetadata(name)).rejects.toBeInstanceOf(AccessDeniedError);
    await clients.ops.deleteStream(name);
  });

  it('takes the defaults from $settings', async () => {
    const settings = (data: Record<string, unknown>) =>
      clients.admin.appendToStream('$settings', [jsonEvent({ type: 'settings', data: data as never })]);
    const [ordinary, own] = [await stream(), await stream('own-', { writeRoles: ['user'] })];
    await settings({ $userStreamAcl: { $r: '$all', $w: '$ops' }, $systemStreamAcl: { $r: 'user' } });
    await clients.ops.appendToStream(ordinary, [event()]);
    await expect(clients.user.appendToStream(ordinary, [event()])).rejects.toBeInstanceOf(AccessDeniedError);
    await clients.user.appendToStream(own, [event()]);
    await all(clients.user.readStream('$settings'));
    await expect(all(clients.ops.readStream('$settings'))).rejects.toBeInstanceOf(AccessDeniedError);
    await settings({});
    await clients.user.appendToStream(ordinary, [event()]);
  });

  it('refuses a batch append in its stream of answers, beside appends that are allowed', async () => {
    const [open, closed] = [await stream(), await stream('secret-', RESTRICTED)];
    const outcomes = await Promise.allSettled([open, closed, open].map((name) => clients.user.appendToStream(name, [event()])));
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: expect.any(AccessDeniedError) as Error });
    // The client gives up all appends that wait when one is refused: what counts is that the node goes on.
    await clients.user.appendToStream(open, [event()]);
  });

  it('tells who consumes a group', async () => {
    const name = await stream('watched-');
    const groupName = await group(name);
    const consumers = (['user', 'admin'] as const).map((who) => clients[who].subscribeToPersistentSubscriptionToStream(name, groupName));
    await Promise.all(consumers.map((consumer) => new Promise((resolve) => consumer.once('confirmation', resolve))));
    const { connections } = await clients.ops.getPersistentSubscriptionToStreamInfo(name, groupName);
    expect(connections.map(({ username }) => username).sort()).toEqual(['admin', 'user']);
    await Promise.all(consumers.map((consumer) => consumer.unsubscribe()));
  });

  it('serves TLS only', async () => {
    const plain = EventStoreDBClient.connectionString(node.connectionString.replace('tls=true', 'tls=false'));
    await expect(all(plain.readStream('any', { maxCount: 1 }))).rejects.toThrow();
    await plain.dispose();
  });
});
