import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateChannel } from '../../../src/application/notifications/create-channel.command.js';
import { ConfiguredChannels } from '../../../src/application/notifications/configured-channels.js';
import { DeleteChannel } from '../../../src/application/notifications/delete-channel.command.js';
import { RotateSecret } from '../../../src/application/notifications/rotate-secret.command.js';
import {
  AddressRefused,
  NOTIFICATION_SENDER,
  NOTIFICATION_SETTINGS,
  SECRET_STORE,
  type ConfiguredChannel,
} from '../../../src/application/ports/notifications.js';
import { ListChannels } from '../../../src/application/queries/list-channels.js';
import { ChannelSender } from '../../../src/infrastructure/notifications/channel-sender.js';
import { SecretFiles } from '../../../src/infrastructure/notifications/secret-files.js';
import { ACTOR } from '../support/submissions.js';
import { TestApplication } from '../support/test-application.js';
import { TestClock } from '../support/test-clock.js';
import { TestStore } from '../support/test-store.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const HOOK: ConfiguredChannel = { name: 'hook', kind: 'webhook', address: 'http://127.0.0.1:9/a', secret: SECRET, filter: {} };
const OPS: ConfiguredChannel = { name: 'ops', kind: 'slack', address: 'http://127.0.0.1:9/b', filter: {}, events: ['dead_letter'] };

describe('channels of the configuration file', () => {
  let store: TestStore;
  let apps: TestApplication[];
  let folder: string;
  let secrets: SecretFiles;
  let clock: TestClock;
  /** Hosts whose names are not resolved. */
  let unknown: Set<string>;
  beforeEach(async () => {
    store = await TestStore.start();
    apps = [];
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'configured-')), 'notifications');
    secrets = new SecretFiles(folder);
    clock = new TestClock();
    unknown = new Set();
  });
  afterEach(async () => {
    for (const app of apps) await app.close();
    await store.dispose();
  });

  /** A start of the engine with a file. */
  async function start(channels?: readonly ConfiguredChannel[], own = secrets): Promise<TestApplication> {
    const real = new ChannelSender({ privateNetworks: true });
    const sender = {
      check: (kind: ConfiguredChannel['kind'], address: string) =>
        unknown.has(address) ? Promise.reject(new AddressRefused('Its name is not known.')) : real.check(kind, address),
      newSecret: () => real.newSecret(),
    };
    const others = new Map<symbol, object>([
      [NOTIFICATION_SENDER, sender],
      [SECRET_STORE, own],
      [NOTIFICATION_SETTINGS, { worker: 'w', origin: () => '', ...(channels && { channels }) }],
    ]);
    const app = await TestApplication.create(store, { clock, others });
    apps.push(app);
    await app.get(ConfiguredChannels).takeOver();
    return app;
  }

  const list = async (app: TestApplication) =>
    (await app.ask(new ListChannels())).map(({ channelId, definition }) => [channelId, definition.configured, definition.kind]);

  it('are made at the start, once', async () => {
    const first = await start([HOOK, OPS]);
    expect(await list(first)).toEqual([
      [1, 'hook', 'webhook'],
      [2, 'ops', 'slack'],
    ]);
    expect(await secrets.get(1)).toEqual({ address: HOOK.address, secret: SECRET });
    const head = await store.log.headPosition();
    expect(await list(await start([HOOK, OPS]))).toHaveLength(2);
    expect(await store.log.headPosition()).toBe(head);
  });

  it('are one each, though two nodes start at once, and each node has their secrets', async () => {
    const other = new SecretFiles(`${folder}-other`);
    const [one] = await Promise.all([start([HOOK]), start([HOOK], other)]);
    const [[channelId]] = (await list(one)) as [[number]];
    expect(await list(one)).toEqual([[channelId, 'hook', 'webhook']]);
    expect(await secrets.get(channelId)).toMatchObject({ secret: SECRET });
    expect(await other.get(channelId)).toMatchObject({ secret: SECRET });
  });

  it('change with the file; a secret that was in use counts for a day beside the new one', async () => {
    await start([HOOK]);
    const app = await start([{ ...HOOK, secret: OTHER_SECRET, events: ['run.failed'] }]);
    const [channel] = await app.ask(new ListChannels());
    expect(channel).toMatchObject({ channelId: 1, definition: { events: ['run.failed'] } });
    expect(await secrets.get(1)).toEqual({
      address: HOOK.address,
      secret: OTHER_SECRET,
      former: { secret: SECRET, until: new Date(clock.now() + 24 * 60 * 60_000).toISOString() },
    });
  });

  it('are deleted with their secrets when the file has them no more; those of the API stay', async () => {
    const first = await start([HOOK, OPS]);
    const { channelId } = await first.execute(new CreateChannel({ kind: 'slack', address: 'http://127.0.0.1:9/c', actor: ACTOR }));
    const second = await start([OPS]);
    expect(await list(second)).toEqual([
      [2, 'ops', 'slack'],
      [channelId, undefined, 'slack'],
    ]);
    expect((await readdir(folder)).sort()).toEqual(['2.json', `${channelId}.json`]);
  });

  it('stay as they are where there is no file', async () => {
    await start([HOOK]);
    expect(await list(await start())).toHaveLength(1);
  });

  it('are changed in the file and not by the API', async () => {
    const app = await start([HOOK]);
    await expect(app.execute(new DeleteChannel({ channelId: 1, actor: ACTOR }))).rejects.toMatchObject({ code: 'channel.configured' });
    await expect(app.execute(new RotateSecret({ channelId: 1, actor: ACTOR }))).rejects.toMatchObject({ code: 'channel.configured' });
    expect(await secrets.get(1)).toEqual({ address: HOOK.address, secret: SECRET });
  });

  it('are tried again where one cannot be taken over, which is named, and keeps the others from nothing', async () => {
    unknown.add(HOOK.address);
    const app = await start([HOOK, OPS]);
    expect(await list(app)).toEqual([[expect.any(Number), 'ops', 'slack']]);
    await expect(app.loops.check()).rejects.toThrow('channels of the configuration file: hook: Its name is not known.');
    unknown.clear();
    const configured = app.get(ConfiguredChannels);
    await configured.takeOver();
    expect(await list(app)).toHaveLength(1);
    clock.setBack(3_600_000);
    clock.advance(30_000);
    await configured.takeOver();
    expect(await list(app)).toHaveLength(2);
    await app.loops.check();
  });
});
