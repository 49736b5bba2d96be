import { CreateChannel } from '../../../src/application/notifications/create-channel.command.js';
import { DeleteChannel } from '../../../src/application/notifications/delete-channel.command.js';
import { EnableChannel } from '../../../src/application/notifications/enable-channel.command.js';
import { Redeliver } from '../../../src/application/notifications/redeliver.command.js';
import { RotateSecret } from '../../../src/application/notifications/rotate-secret.command.js';
import { TestChannel } from '../../../src/application/notifications/test-channel.command.js';
import { GetChannel } from '../../../src/application/queries/get-channel.js';
import { ListChannels } from '../../../src/application/queries/list-channels.js';
import { ListDeliveries } from '../../../src/application/queries/list-deliveries.js';
import type { DeliveryView } from '../../../src/application/ports/read-models.js';
import type { Channel } from '../../../src/domain/notification/channel.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const AT = '2026-01-05T08:00:00.000Z';
const ID = 'msg_0123456789abcdef0123456789abcdef';
const USER = { kind: 'user', id: '7', authenticated: false } as const;
const ANYBODY = { kind: 'user', id: 'anonymous', authenticated: false } as const;

const CHANNEL: Channel = {
  ...{
    channelId: 3,
    state: 'disabled',
    fingerprint: 'f1ngerpr1nt',
    createdAt: AT,
    activeSince: AT,
    disabledAt: AT,
    disabledBecause: 'why',
  },
  definition: {
    kind: 'webhook',
    destination: 'https://hooks.example.org',
    events: ['dead_letter'],
    filter: { userIds: [7], tools: ['echo'], riskFrom: 'L2' },
  },
};
const DELIVERY: DeliveryView = {
  ...{ deliveryId: ID, channelId: 3, type: 'dead_letter', title: 'Failed', workflowId: 5, state: 'pending', digestId: null },
  ...{ plannedAt: AT, dueAt: AT, deliveredAt: null, reason: null },
  tries: [{ try: 1, begunAt: AT, endedAt: AT, statusCode: 503, error: 'answered 503' }],
};

let app: ScriptedApp;
beforeAll(async () => {
  app = await startScriptedApp();
});
afterAll(() => app.app.close());

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${app.url}/api/notifications${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('the API of notifications', () => {
  it('registers a channel and tells its secret, in an answer that nobody keeps', async () => {
    app.answer(() => ({ channelId: 3, state: 'active', secret: 'whsec_x', position: 4711n }));
    const filter = { user_ids: [7], tools: ['echo'], risk_from: 'L2' };
    const { status, headers, body } = await ask('POST', '/channels', {
      ...{ type: 'webhook', url: 'https://hooks.example.org/x', events: ['dead_letter'], filter, user_id: 7, reason: 'why' },
    });
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([201, '/api/notifications/channels/3', 'no-store']);
    expect(body).toEqual({ channel_id: 3, state: 'active', secret: 'whsec_x', position: '4711' });
    expect(app.asked.at(-1)).toEqual(
      new CreateChannel({
        ...{ kind: 'webhook', address: 'https://hooks.example.org/x', events: ['dead_letter'], actor: USER, decidedBy: 7, reason: 'why' },
        filter: { userIds: [7], tools: ['echo'], riskFrom: 'L2' },
      }),
    );
  });

  it.each([
    [{ type: 'pigeon', url: 'https://x.example' }, '/type'],
    [{ type: 'webhook' }, '/type'],
    [{ type: 'webhook', url: 'https://x.example', address: 'a@example.org' }, '/type'],
    [{ type: 'email', url: 'https://x.example' }, '/type'],
    [{ type: 'slack', url: 'https://x.example', events: ['everything'] }, '/events/0'],
    [{ type: 'slack', url: 'https://x.example', filter: { users: [1] } }, '/filter/users'],
  ])('refuses %j', async (body, field) => {
    const answer = await ask('POST', '/channels', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect((answer.body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
  });

  it('shows channels, without secrets', async () => {
    const shown = {
      ...{
        channel_id: 3,
        type: 'webhook',
        destination: 'https://hooks.example.org',
        events: ['dead_letter'],
        name: null,
        state: 'disabled',
      },
      filter: { user_ids: [7], tools: ['echo'], risk_from: 'L2' },
      ...{ disabled_at: AT, disabled_because: 'why', created_at: AT },
    };
    app.answer((question) => (question instanceof ListChannels ? [CHANNEL] : CHANNEL));
    expect((await ask('GET', '/channels')).body).toEqual([shown]);
    expect((await ask('GET', '/channels/3')).body).toEqual(shown);
    expect(app.asked.at(-1)).toEqual(new GetChannel(3));
  });

  it('acts on a channel', async () => {
    app.answer(() => ({ channelId: 3, state: 'active', position: 1n }));
    const changed = { channel_id: 3, state: 'active', position: '1' };
    expect(await ask('POST', '/channels/3/enable', { user_id: 7 })).toMatchObject({ status: 200, body: changed });
    expect(app.asked.at(-1)).toEqual(new EnableChannel({ channelId: 3, actor: USER, decidedBy: 7 }));
    expect(await ask('DELETE', '/channels/3?reason=why')).toMatchObject({ status: 200, body: changed });
    expect(app.asked.at(-1)).toEqual(new DeleteChannel({ channelId: 3, actor: ANYBODY, reason: 'why' }));
    app.answer(() => ({ channelId: 3, state: 'active', secret: 'whsec_y', formerUntil: AT, position: 1n }));
    expect((await ask('POST', '/channels/3/rotate-secret')).body).toEqual({
      channel_id: 3,
      secret: 'whsec_y',
      former_until: AT,
      position: '1',
    });
    expect(app.asked.at(-1)).toEqual(new RotateSecret({ channelId: 3, actor: ANYBODY }));
    app.answer(() => {
      throw new DomainError('channel.not-found', 'none');
    });
    expect(await ask('POST', '/channels/3/enable')).toMatchObject({ status: 404, body: { code: 'channel.not-found' } });
  });

  it('lists deliveries, and has them sent', async () => {
    app.answer(() => ({ items: [DELIVERY], nextCursor: 'next' }));
    const { body } = await ask('GET', '/deliveries?status=pending&channel_id=3&limit=1');
    expect(body).toEqual({
      items: [
        {
          ...{ delivery_id: ID, channel_id: 3, type: 'dead_letter', title: 'Failed', workflow_id: 5, status: 'pending', digest_id: null },
          ...{ planned_at: AT, due_at: AT, delivered_at: null, reason: null },
          tries: [{ try: 1, begun_at: AT, ended_at: AT, status_code: 503, error: 'answered 503' }],
        },
      ],
      next_cursor: 'next',
    });
    expect(app.asked.at(-1)).toEqual(new ListDeliveries({ filter: { state: 'pending', channelId: 3 }, page: { limit: 1 } }));
    app.answer(() => ({ deliveryId: ID, channelId: 3, state: 'pending', position: 1n }));
    const asked = { status: 202, body: { delivery_id: ID, channel_id: 3, status: 'pending', position: '1' } };
    expect(await ask('POST', `/deliveries/${ID}/redeliver`, { user_id: 7 })).toMatchObject(asked);
    expect(app.asked.at(-1)).toEqual(new Redeliver({ deliveryId: ID, actor: USER, decidedBy: 7 }));
    expect(await ask('POST', '/channels/3/test')).toMatchObject(asked);
    expect(app.asked.at(-1)).toEqual(new TestChannel({ channelId: 3, actor: ANYBODY }));
    expect((await ask('POST', '/deliveries/x/redeliver')).status).toBe(400);
  });

  it('decides nothing by opening a link (invariant 39)', async () => {
    for (const path of ['/channels/3/test', '/channels/3/enable', `/deliveries/${ID}/redeliver`])
      expect((await ask('GET', path)).status).toBe(405);
  });
});
