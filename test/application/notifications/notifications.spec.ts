import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateChannel, type CreatedChannel } from '../../../src/application/notifications/create-channel.command.js';
import { DeleteChannel } from '../../../src/application/notifications/delete-channel.command.js';
import { EnableChannel } from '../../../src/application/notifications/enable-channel.command.js';
import { Redeliver } from '../../../src/application/notifications/redeliver.command.js';
import { RotateSecret } from '../../../src/application/notifications/rotate-secret.command.js';
import { TestChannel } from '../../../src/application/notifications/test-channel.command.js';
import type { NewChannel } from '../../../src/application/notifications/channel-act.js';
import { DELIVERY_STREAM_PREFIX, deliveryStream } from '../../../src/application/notifications/delivery-codec.js';
import { CHANNELS_STREAM } from '../../../src/application/notifications/channel-codec.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import { EventLogUnavailable, type RecordedEvent } from '../../../src/application/ports/event-log.js';
import { NOTIFICATION_SENDER, SECRET_STORE } from '../../../src/application/ports/notifications.js';
import { DELIVERIES_READER, READ_MODEL_PROGRESS } from '../../../src/application/ports/read-models.js';
import { GetChannel } from '../../../src/application/queries/get-channel.js';
import { ChannelSender } from '../../../src/infrastructure/notifications/channel-sender.js';
import { SecretFiles } from '../../../src/infrastructure/notifications/secret-files.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { TestClock } from '../support/test-clock.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { FoldedDeliveries } from './support/folded-deliveries.js';
import { receivers, type Received, type Receiver } from './support/receiver.js';

const store = sharedStore();
const application = applicationsOver(store);
const receiver = receivers();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

class Setting {
  // The signatures' library looks at the real time.
  readonly clock = new TestClock(Math.floor(Date.now() / MINUTE) * MINUTE);
  readonly reader = new FoldedDeliveries(store);
  secrets!: SecretFiles;
  folder = '';
  app!: TestApplication;
  receiver!: Receiver;
  channel!: CreatedChannel;

  static async with(channel: Partial<NewChannel> = {}): Promise<Setting> {
    const setting = new Setting();
    setting.folder = path.join(await mkdtemp(path.join(tmpdir(), 'notifications-')), 'notifications');
    setting.secrets = new SecretFiles(setting.folder);
    setting.receiver = await receiver();
    setting.app = await setting.node('worker-1');
    const created = { kind: 'webhook', address: setting.receiver.url, actor: ACTOR, ...channel } as const;
    setting.channel = await setting.app.execute(new CreateChannel(created));
    setting.reader.only = setting.channel.channelId;
    return setting;
  }

  /** Another process over the same store and data folder. */
  node(worker: string): Promise<TestApplication> {
    const others = new Map<symbol, object>([
      [DELIVERIES_READER, this.reader],
      [READ_MODEL_PROGRESS, this.reader],
      [NOTIFICATION_SENDER, new ChannelSender({ privateNetworks: true })],
      [SECRET_STORE, this.secrets],
    ]);
    return application({ clock: this.clock, worker, others });
  }

  /** A run whose one step waits for an approval; answers with the event that asks for it. */
  async approval(app = this.app): Promise<RecordedEvent> {
    const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }));
    const sagas = await app.startSagas();
    try {
      for (;;) {
        const found = (await store().eventsOf(workflowId)).find(({ type }) => type === 'ApprovalRequested');
        if (found) return found;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      await sagas.stop();
    }
  }

  /** What the engine's consumer group would be given, given. */
  async plan(workflowId: number, ...apps: readonly TestApplication[]): Promise<void> {
    for (const event of await store().eventsOf(workflowId))
      await Promise.all((apps.length === 0 ? [this.app] : apps).map((app) => app.planner.plan(event)));
  }

  async send(app = this.app): Promise<void> {
    await app.notifications.sendDue();
    await app.notifications.idle();
  }

  async types(): Promise<string[]> {
    return (await this.reader.events(this.channel.channelId)).map(({ type }) => type);
  }

  async eventTexts(): Promise<string> {
    const channelEvents: RecordedEvent[] = [];
    for await (const event of store().log.readStream(CHANNELS_STREAM)) channelEvents.push(event);
    return JSON.stringify([channelEvents.map(({ data }) => data), await this.reader.events(this.channel.channelId)]);
  }
}

const idOf = ({ headers }: Received): string => headers['webhook-id'] as string;

const runOf = ({ data }: RecordedEvent): number => data['workflowId'] as number;

describe('a webhook', () => {
  it('is told of what happens after it was registered, signed as Standard Webhooks say', async () => {
    const setting = await Setting.with();
    const requested = await setting.approval();
    await setting.plan(runOf(requested));
    await setting.send();
    expect(setting.receiver.received).toHaveLength(1);
    const [{ method, headers, body }] = setting.receiver.received as [Received];
    expect(method).toBe('POST');
    const verified = new Webhook(setting.channel.secret!).verify(body, headers as Record<string, string>);
    const { approvalId, stepId } = requested.data as { approvalId: number; stepId: number };
    expect(verified).toEqual({
      type: 'approval.required',
      timestamp: requested.data['at'],
      data: {
        ...{ title: 'Approval needed: Step a (echo, L3)', link: `https://lifeos.example.org/approvals/${approvalId}` },
        ...{ workflow_id: runOf(requested), user_id: 7, intent: expect.any(String) as string, approval_id: approvalId, step_id: stepId },
        ...{ step_name: 'Step a', tool: 'echo', risk_level: 'L3', reason: expect.any(String) as string },
      },
    });
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryTryBegun', 'DeliverySucceeded']);
  });

  it('is not told of what happened before it was registered', async () => {
    const early = await Setting.with();
    const requested = await early.approval();
    const setting = await Setting.with();
    await setting.plan(runOf(requested));
    await setting.send();
    expect(setting.receiver.received).toEqual([]);
  });

  it('is told once of an event that is delivered again, by any node (invariant 39)', async () => {
    const setting = await Setting.with();
    const other = await setting.node('worker-2');
    const requested = await setting.approval();
    await setting.plan(runOf(requested), setting.app, other);
    await setting.plan(runOf(requested), other);
    await Promise.all([setting.send(), setting.send(other)]);
    await Promise.all([setting.send(), setting.send(other)]);
    expect(setting.receiver.received).toHaveLength(1);
  });

  it('is told again with the same id where a node dies between sending and recording (invariant 39)', async () => {
    const setting = await Setting.with();
    const requested = await setting.approval();
    await setting.plan(runOf(requested));
    const dying = await setting.node('worker-2');
    // All that is written after the message is on its way is lost, as with the process.
    let isDead = false;
    setting.receiver.answer = (response) => {
      isDead = true;
      response.writeHead(204).end();
    };
    const append = dying.log.append.bind(dying.log);
    dying.log.append = (...written) => (isDead ? Promise.reject(new EventLogUnavailable('dead')) : append(...written));
    await setting.send(dying);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(1);
    setting.clock.advance(MINUTE);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(2);
    expect(new Set(setting.receiver.received.map(idOf)).size).toBe(1);
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryTryBegun', 'DeliveryTryBegun', 'DeliverySucceeded']);
  });

  it('that does not answer is tried again with the same id after pauses that grow, over restarts, and disabled after a day', async () => {
    const setting = await Setting.with();
    const requested = await setting.approval();
    await setting.plan(runOf(requested));
    setting.receiver.answer = (response) => response.writeHead(503).end();
    const pauses = [5_500, 33_000, 132_000, 660_000, 1.1 * HOUR];
    for (const [index, pause] of pauses.entries()) {
      await setting.send();
      await setting.send();
      expect(setting.receiver.received).toHaveLength(index + 1);
      setting.clock.advance(pause);
    }
    const restarted = await setting.node('worker-2');
    for (let hour = 0; hour < 30; hour++) {
      await setting.send(restarted);
      setting.clock.advance(1.1 * HOUR);
    }
    expect(new Set(setting.receiver.received.map(idOf)).size).toBe(1);
    expect((await setting.types()).at(-1)).toBe('DeliveryGivenUp');
    const { channelId } = setting.channel;
    expect(await restarted.ask(new GetChannel(channelId))).toMatchObject({ state: 'disabled' });
    expect(
      restarted.logger.said('error', `channel ${channelId} (webhook, http://127.0.0.1:${setting.receiver.port}) is disabled`),
    ).toHaveLength(1);
    const tries = setting.receiver.received.length;
    const next = await setting.approval();
    await setting.plan(runOf(next));
    await setting.send();
    expect(setting.receiver.received).toHaveLength(tries);
    setting.receiver.answer = (response) => response.writeHead(204).end();
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    expect(JSON.parse(setting.receiver.received.at(-1)!.body)).toMatchObject({ type: 'test' });
    const again = new Redeliver({ deliveryId: idOf(setting.receiver.received[0]!), actor: ACTOR });
    await expect(setting.app.execute(again)).rejects.toMatchObject({ code: 'channel.disabled' });
    await setting.app.execute(new EnableChannel({ channelId, actor: ACTOR }));
    await setting.app.execute(again);
    await setting.send();
    expect(idOf(setting.receiver.received.at(-1)!)).toBe(idOf(setting.receiver.received[0]!));
  });

  it('is tried for a day after an engine was away for one, and not disabled by its first failure', async () => {
    const setting = await Setting.with();
    await setting.plan(runOf(await setting.approval()));
    setting.clock.advance(25 * HOUR);
    setting.receiver.answer = (response) => response.writeHead(503).end();
    await setting.send();
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryTryBegun', 'DeliveryFailed']);
    expect(await setting.app.ask(new GetChannel(setting.channel.channelId))).toMatchObject({ state: 'active' });
    setting.receiver.answer = (response) => response.writeHead(204).end();
    setting.clock.advance(5_500);
    await setting.send();
    expect((await setting.types()).at(-1)).toBe('DeliverySucceeded');
  });

  it('that says it is gone is disabled at once, which other channels are told of', async () => {
    const setting = await Setting.with();
    const watching = await Setting.with({ events: ['channel.disabled'] });
    setting.receiver.answer = (response) => response.writeHead(410).end();
    await setting.plan(runOf(await setting.approval()));
    await setting.send();
    const { channelId } = setting.channel;
    expect(await setting.app.ask(new GetChannel(channelId))).toMatchObject({ state: 'disabled' });
    for await (const event of store().log.readStream(CHANNELS_STREAM))
      if (event.type === 'ChannelDisabled') await watching.app.planner.plan(event);
    await watching.send();
    const told = watching.receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: object });
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'channel.disabled', data: expect.objectContaining({ channel_id: channelId }) as object }),
    );
  });

  it('is left alone for as long as it asks', async () => {
    const setting = await Setting.with();
    await setting.plan(runOf(await setting.approval()));
    setting.receiver.answer = (response) => response.writeHead(429, { 'Retry-After': '600' }).end();
    await setting.send();
    setting.clock.advance(599_000);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(1);
    setting.clock.advance(1_000);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(2);
  });

  it('can have its secret changed: for a day both count', async () => {
    const setting = await Setting.with();
    const { channelId, secret: former } = setting.channel;
    const { secret } = await setting.app.execute(new RotateSecret({ channelId, actor: ACTOR }));
    expect(secret).not.toBe(former);
    const verify = ({ body, headers }: Received, by: string): unknown => {
      // Whatever the test's clock says.
      const at = headers['webhook-timestamp'] as string;
      return new Webhook(by).sign(idOf({ headers } as Received), new Date(Number(at) * 1_000), body);
    };
    const signaturesOf = ({ headers }: Received): string[] => (headers['webhook-signature'] as string).split(' ');
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    const [first] = setting.receiver.received as [Received];
    expect(signaturesOf(first)).toEqual([verify(first, secret), verify(first, former!)]);
    setting.clock.advance(24 * HOUR);
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    const second = setting.receiver.received[1]!;
    expect(signaturesOf(second)).toEqual([verify(second, secret)]);
  });

  it('has the secret that was told last where it is changed more than once at a time, by one process or two', async () => {
    const setting = await Setting.with();
    const { channelId, secret: first } = setting.channel;
    const rotate = (app: TestApplication) => app.execute(new RotateSecret({ channelId, actor: ACTOR }));
    const told = await Promise.all([rotate(setting.app), rotate(setting.app)]);
    const [one, two] = told.map(({ secret }) => secret);
    expect(await setting.secrets.get(channelId)).toMatchObject({ secret: two, former: { secret: one } });
    expect(one).not.toBe(first);
    // Another process is quicker, after this one has put its own on disk.
    const other = await setting.node('worker-2');
    let quicker = '';
    setting.app.log.beforeAppend = async ({ streamId }) => {
      if (streamId !== CHANNELS_STREAM || quicker !== '') return;
      quicker = (await rotate(other)).secret;
    };
    const { secret } = await rotate(setting.app);
    expect(await setting.secrets.get(channelId)).toMatchObject({ secret, former: { secret: quicker } });
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    expect(setting.receiver.received).toHaveLength(1);
  });

  it('chooses by event, user, tool and risk', async () => {
    const chosen = { userIds: [7], tools: ['echo'], riskFrom: 'L2' } as const;
    const settings = await Promise.all([
      Setting.with({ filter: chosen }),
      Setting.with({ filter: { ...chosen, userIds: [8] } }),
      Setting.with({ filter: { ...chosen, tools: ['other'] } }),
      Setting.with({ events: ['approval.decided'], filter: chosen }),
      Setting.with({ events: ['run.waiting'] }),
    ]);
    const requested = await settings[0].approval();
    await settings[0].app.execute(
      new DecideApproval({ approvalId: requested.data['approvalId'] as number, verdict: 'approve', decidedBy: 9, actor: ACTOR } as never),
    );
    const told: string[][] = [];
    for (const setting of settings) {
      await setting.plan(runOf(requested));
      await setting.send();
      // Both are due, and under way at once: either may arrive first.
      told.push(setting.receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type).sort());
    }
    expect(told).toEqual([['approval.decided', 'approval.required'], [], [], ['approval.decided'], []]);
  });

  it('is told of a run that stands still, unless it is told of what holds the run', async () => {
    const setting = await Setting.with({ events: ['run.waiting', 'dead_letter'] });
    const other = await Setting.with({ events: ['run.waiting', 'approval.required'] });
    const requested = await setting.approval();
    for (const one of [setting, other]) {
      await one.plan(runOf(requested));
      await one.send();
    }
    const bodies = (one: Setting) => one.receiver.received.map(({ body }) => JSON.parse(body) as object);
    expect(bodies(setting)).toEqual([
      expect.objectContaining({
        type: 'run.waiting',
        data: expect.objectContaining({
          link: `https://lifeos.example.org/runs/${runOf(requested)}`,
          waiting_for: [{ kind: 'approval', step_id: 1, approval_id: requested.data['approvalId'] }],
        }) as object,
      }),
    ]);
    expect(bodies(other)).toEqual([expect.objectContaining({ type: 'approval.required' })]);
  });

  it('is told of many things at once in one message', async () => {
    const setting = await Setting.with({ events: ['approval.required'] });
    const runs: number[] = [];
    for (let n = 0; n < 14; n++) runs.push(runOf(await setting.approval()));
    for (const run of runs) await setting.plan(run);
    // Delivered again.
    for (const run of runs) await setting.plan(run);
    for (let n = 0; n < 3; n++) await setting.send();
    expect(setting.receiver.received).toHaveLength(10);
    setting.clock.advance(MINUTE);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(11);
    const digest = JSON.parse(setting.receiver.received.at(-1)!.body) as {
      type: string;
      data: { count: number; notifications: { data: object }[] };
    };
    expect(digest).toMatchObject({ type: 'digest', data: { count: 4 } });
    expect(digest.data.notifications.map(({ data }) => (data as { workflow_id: number }).workflow_id)).toEqual(runs.slice(10));
  });

  it('is told of things one by one again after a minute, wherever the clock is set', async () => {
    const setting = await Setting.with({ events: ['approval.required'] });
    for (let n = 0; n < 11; n++) await setting.plan(runOf(await setting.approval()));
    for (let n = 0; n < 3; n++) await setting.send();
    setting.clock.setBack(HOUR);
    setting.clock.advance(MINUTE);
    await setting.plan(runOf(await setting.approval()));
    await setting.send();
    expect(setting.receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(
      Array.from({ length: 11 }, () => 'approval.required'),
    );
  });

  it('is told of thousands of things at once in few messages, each once, without their being read again and again', async () => {
    const setting = await Setting.with({ events: ['channel.disabled'] });
    const { channelId } = setting.channel;
    // Those of other tests would be told as well.
    for (let other = 1; other < channelId; other++)
      await setting.app.execute(new DeleteChannel({ channelId: other, actor: ACTOR })).catch(() => undefined);
    const at = new Date(setting.clock.now()).toISOString();
    const things = Array.from({ length: 2_010 }, (_, n): RecordedEvent => {
      const data = { channelId: n, at, reason: 'it is gone', destination: 'https://example.org', kind: 'webhook' };
      const place = { streamId: CHANNELS_STREAM, revision: n, position: setting.channel.position + 1n };
      return {
        id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        type: 'ChannelDisabled',
        data,
        metadata: {},
        ...place,
      };
    });
    const { planner, log } = setting.app;
    for (let n = 0; n < things.length; n += 32) await Promise.all(things.slice(n, n + 32).map((thing) => planner.plan(thing)));
    const digests = (await setting.reader.of(channelId)).filter(({ notification }) => notification.type === 'digest');
    expect(digests.map(({ added }) => added.length)).toEqual([500, 500, 500, 500]);
    expect(new Set(digests.flatMap(({ added }) => added.first(500).map(({ of }) => of))).size).toBe(2_000);
    const readsOfDigests = () => digests.flatMap(({ deliveryId }) => log.readsOf(deliveryStream(deliveryId))).length;
    expect(readsOfDigests()).toBe(4);
    expect(log.reads.filter(({ streamId }) => streamId.startsWith(DELIVERY_STREAM_PREFIX))).toHaveLength(2_010 + 4);
    // Delivered again, and to another process.
    const appends = log.appends.length;
    for (const n of [20, 700, 2_009]) await planner.plan(things[n]!);
    expect([readsOfDigests(), log.appends.length]).toEqual([4, appends]);
    const other = await setting.node('worker-2');
    for (const n of [20, 700, 2_009]) await other.planner.plan(things[n]!);
    expect(other.log.appends).toEqual([]);
  }, 60_000);

  it('is sent nothing once it is deleted, and its secrets are gone', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    await setting.plan(runOf(await setting.approval()));
    await setting.app.execute(new DeleteChannel({ channelId, actor: ACTOR }));
    await setting.send();
    expect(setting.receiver.received).toEqual([]);
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryGivenUp']);
    expect(await readdir(setting.folder)).toEqual([]);
    await expect(setting.app.execute(new EnableChannel({ channelId, actor: ACTOR }))).rejects.toMatchObject({ code: 'channel.not-found' });
  });

  it('has what was delivered stay so once it is deleted', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    await setting.plan(runOf(await setting.approval()));
    await setting.send();
    await setting.app.execute(new DeleteChannel({ channelId, actor: ACTOR }));
    const again = new Redeliver({ deliveryId: idOf(setting.receiver.received[0]!), actor: ACTOR });
    await expect(setting.app.execute(again)).rejects.toMatchObject({ code: 'channel.not-found' });
    await setting.send();
    expect((await setting.types()).at(-1)).toBe('DeliverySucceeded');
  });

  it('has its secrets removed where the process died before it did so', async () => {
    const setting = await Setting.with();
    const deleted = await Setting.with();
    const { channelId } = deleted.channel;
    const secrets = (await deleted.secrets.get(channelId))!;
    const file = (name: string): string => path.join(setting.folder, name);
    await setting.app.execute(new DeleteChannel({ channelId, actor: ACTOR }));
    const kept = [`${setting.channel.channelId}.json`, '999998.json', '999998.json.0a', 'notes.txt'];
    for (const name of [...kept.slice(1), `${channelId}.json`, '999999.json', '999999.json.0b'])
      await writeFile(file(name), JSON.stringify(secrets));
    const old = (Date.now() - 2 * HOUR) / 1_000;
    for (const name of [kept[0]!, '999999.json', '999999.json.0b', 'notes.txt']) await utimes(file(name), old, old);
    await setting.app.notifications.tidySecrets();
    expect((await readdir(setting.folder)).sort()).toEqual([...kept].sort());
    // Asked for again.
    await setting.secrets.put(channelId, secrets);
    await expect(setting.app.execute(new DeleteChannel({ channelId, actor: ACTOR }))).rejects.toMatchObject({ code: 'channel.not-found' });
    expect(await setting.secrets.get(channelId)).toBeUndefined();
  });

  it('leaves its secrets in no event and no log line, and only its owner can read their file (invariant 31)', async () => {
    const setting = await Setting.with();
    const { channelId, secret } = setting.channel;
    setting.receiver.answer = (response) => response.socket!.destroy();
    await setting.plan(runOf(await setting.approval()));
    await setting.send();
    const { secret: rotated } = await setting.app.execute(new RotateSecret({ channelId, actor: ACTOR }));
    const said = `${await setting.eventTexts()}${setting.app.logger.lines.join('\n')}${JSON.stringify(await setting.app.ask(new GetChannel(channelId)))}`;
    for (const word of [secret!, rotated, 's3cret-path', 's3cret-token']) expect(said).not.toContain(word);
    const file = path.join(setting.folder, `${channelId}.json`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(rotated);
  });

  it('whose secrets a node does not have is left to another', async () => {
    const setting = await Setting.with();
    await setting.plan(runOf(await setting.approval()));
    const { secrets } = setting;
    const get = secrets.get.bind(secrets);
    secrets.get = () => Promise.resolve(undefined);
    await setting.send();
    expect(await setting.types()).toEqual(['DeliveryPlanned']);
    // A test of it waits as well, and it is said once.
    await setting.app.execute(new TestChannel({ channelId: setting.channel.channelId, actor: ACTOR }));
    const reads = jest.spyOn(secrets, 'get');
    for (let n = 0; n < 3; n++) await setting.send();
    expect(reads).not.toHaveBeenCalled();
    setting.clock.advance(MINUTE);
    await setting.send();
    expect(reads).toHaveBeenCalledTimes(2);
    expect(setting.app.logger.said('warn', 'this node does not have the secrets')).toHaveLength(1);
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryPlanned']);
    secrets.get = get;
    await setting.send(await setting.node('worker-2'));
    expect(setting.receiver.received).toHaveLength(2);
  });

  it('whose secrets a node does not have is looked for again after a minute, wherever the clock is set', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    const { secrets } = setting;
    const get = secrets.get.bind(secrets);
    secrets.get = () => Promise.resolve(undefined);
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    secrets.get = get;
    setting.clock.setBack(HOUR);
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    setting.clock.advance(MINUTE);
    await setting.send();
    expect(setting.receiver.received).toHaveLength(1);
  });

  it('whose secrets a node has in a former form is left to the one that changed them', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    const stale = await setting.secrets.get(channelId);
    await setting.app.execute(new RotateSecret({ channelId, actor: ACTOR }));
    await setting.plan(runOf(await setting.approval()));
    const { secrets } = setting;
    const get = secrets.get.bind(secrets);
    secrets.get = () => Promise.resolve(stale);
    await setting.send();
    expect(setting.receiver.received).toEqual([]);
    expect(await setting.types()).toEqual(['DeliveryPlanned']);
    secrets.get = get;
    await setting.send(await setting.node('worker-2'));
    expect(setting.receiver.received).toHaveLength(1);
  });

  it('whose secrets nobody has for a day has its messages given up, and says why', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    await setting.secrets.remove(channelId);
    await setting.plan(runOf(await setting.approval()));
    await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    await setting.send();
    setting.clock.advance(23 * HOUR);
    await setting.send();
    expect(await setting.types()).toEqual(['DeliveryPlanned', 'DeliveryPlanned']);
    setting.clock.advance(HOUR);
    await setting.send();
    const events = await setting.reader.events(channelId);
    expect(events.slice(2)).toEqual(
      [1, 2].map(() => ({
        type: 'DeliveryGivenUp',
        data: expect.objectContaining({ reason: 'no node has had the secrets of its channel for a day' }) as object,
      })),
    );
  });

  it('that answers slowly has its tests wait for room, as all that is sent to it', async () => {
    const setting = await Setting.with();
    const { channelId } = setting.channel;
    const waiting: (() => void)[] = [];
    setting.receiver.answer = (response) => waiting.push(() => response.writeHead(204).end());
    for (let n = 0; n < 6; n++) await setting.app.execute(new TestChannel({ channelId, actor: ACTOR }));
    const asked = jest.spyOn(setting.reader, 'due');
    await setting.app.notifications.sendDue();
    await setting.app.notifications.sendDue();
    expect(await asked.mock.results[1]!.value).toEqual([]);
    while (waiting.length < 4) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of waiting) answer();
    await setting.app.notifications.idle();
    setting.receiver.answer = (response) => response.writeHead(204).end();
    await setting.send();
    expect(setting.receiver.received).toHaveLength(6);
  });

  it('keeps its secrets where it is not known whether it was recorded, and none where it was refused', async () => {
    const setting = await Setting.with();
    const create = () => setting.app.execute(new CreateChannel({ kind: 'webhook', address: setting.receiver.url, actor: ACTOR }));
    setting.app.log.afterAppend = ({ streamId }) => {
      if (streamId === CHANNELS_STREAM) throw new EventLogUnavailable('the answer was lost');
    };
    await expect(create()).rejects.toBeInstanceOf(EventLogUnavailable);
    setting.app.log.afterAppend = () => undefined;
    expect(await readdir(setting.folder)).toHaveLength(2);
    setting.app.log.beforeAppend = ({ streamId }) => {
      if (streamId === CHANNELS_STREAM) throw new DomainError('channel.too-many', 'There are enough.');
    };
    await expect(create()).rejects.toBeInstanceOf(DomainError);
    expect(await readdir(setting.folder)).toHaveLength(2);
  });
});

describe('the consumer group', () => {
  it('plans what the log tells', async () => {
    const setting = await Setting.with();
    await setting.app.joinPlanner();
    await setting.approval();
    while ((await setting.types()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await setting.send();
    expect(setting.receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toContain('approval.required');
  });
});

it('invariant 36: a delivery that a newer version has written to is named, and left alone for a while; others are sent', async () => {
  const setting = await Setting.with();
  const [first, second] = [await setting.approval(), await setting.approval()];
  for (const { streamId } of [first, second]) await setting.plan(Number(streamId.slice('workflow-'.length)));
  const [stuck] = await setting.reader.of(setting.channel.channelId);
  const stream = deliveryStream(stuck!.deliveryId);
  const reader = setting.reader.due.bind(setting.reader);
  const due = (await reader([], [], [], 10)).map(({ deliveryId }) => deliveryId);
  // The read model stands still before the event, and goes on showing the delivery as due.
  jest
    .spyOn(setting.reader, 'due')
    .mockImplementation((_held, _disabled, except) =>
      Promise.resolve(
        due
          .filter((id) => !except.includes(id))
          .map((deliveryId) => ({ deliveryId, channelId: setting.channel.channelId, dueAt: stuck!.dueAt! })),
      ),
    );
  const metadata = { $correlationId: stream, commandId: 'x', actor: ACTOR, schemaVersion: 1 };
  await store().log.append(stream, [{ id: crypto.randomUUID(), type: 'DeliveryRead', data: {}, metadata }], 0);
  await setting.send();
  expect(setting.receiver.received.length).toBe(due.length - 1);
  await expect(setting.app.loops.check()).rejects.toThrow(`reading ${stream}: Event 1 of ${stream} (DeliveryRead, schema version 1)`);
  const reads = (): number => setting.app.log.readsOf(stream).length;
  const before = reads();
  await setting.send();
  expect(reads()).toBe(before);
  setting.clock.advance(MINUTE);
  await setting.send();
  expect(reads()).toBeGreaterThan(before);
  expect(setting.app.logger.said('error', stream)).toHaveLength(1);
});
