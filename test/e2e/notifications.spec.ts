import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { receivers } from '../application/notifications/support/receiver.js';
import { engineForTests, LifeosProcess } from './support/engine-process.js';
import { ask, eventually } from './support/http.js';

const TLS = path.resolve('packages/event-store-node/test/support/tls');

interface Delivery {
  readonly delivery_id: string;
  readonly status: string;
  readonly tries: readonly { readonly ended_at: string | null; readonly error: string | null }[];
}

describe('notifications of an engine', () => {
  const receiver = receivers();
  const engine = engineForTests({ LIFEOS_NOTIFY_PRIVATE_NETWORKS: 'allow' });

  it('tell of an approval that is needed, with a link, and can be sent again', async () => {
    const there = await receiver();
    const created = await ask<{ channel_id: number; secret: string }>(engine.url, 'POST', '/api/notifications/channels', {
      ...{ type: 'webhook', url: there.url, events: ['approval.required'] },
    });
    expect(created.status).toBe(201);
    const { channel_id: id, secret } = created.body;
    await ask(engine.url, 'POST', '/api/workflows', {
      user_id: 1,
      plan: { steps: [{ key: 'a', tool: 'email_send', args: { recipient: 'a@example.org', subject: 'x', body: 'y' }, risk_level: 'L3' }] },
    });
    const received = async (count: number) =>
      eventually(
        () => Promise.resolve(there.received.length),
        (now) => now === count,
      );
    await received(1);
    const [first] = there.received as [(typeof there.received)[0]];
    expect(new Webhook(secret).verify(first.body, first.headers as Record<string, string>)).toMatchObject({
      type: 'approval.required',
      data: { link: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/approvals\/\d+$/) as string },
    });
    const list = () => ask<{ items: Delivery[] }>(engine.url, 'GET', `/api/notifications/deliveries?channel_id=${id}`);
    const [delivery] = (await eventually(list, ({ body }) => body.items[0]?.status === 'delivered')).body.items as [Delivery];
    expect(delivery.delivery_id).toBe(first.headers['webhook-id']);
    const cli = async (...args: string[]): Promise<string> => {
      const process = LifeosProcess.start(['notifications', ...args, '--url', engine.url], {});
      await process.closed;
      return process.output;
    };
    expect(await cli('redeliver', delivery.delivery_id)).toContain('is pending.');
    await received(2);
    expect(there.received[1]!.headers['webhook-id']).toBe(delivery.delivery_id);
    expect(await cli('list')).toContain(`${id}: webhook http://127.0.0.1:${there.port}, active: approval.required`);
    expect(await cli('deliveries', '--channel', String(id))).toContain(`${delivery.delivery_id}: to channel ${id}`);
    expect(await cli('test', String(id))).toMatch(/Delivery msg_[0-9a-f]{32}\./);
    await received(3);
    expect(await cli('rotate-secret', String(id))).toMatch(/whsec_/);
    expect(await cli('delete', String(id))).toContain(`Channel ${id} is deleted.`);
    expect(await cli('add', 'slack', '--to', 'https://10.0.0.1/x')).not.toContain('10.0.0.1');
    expect(await cli('list')).not.toContain('webhook');
  });
});

describe('what nobody looks at', () => {
  const receiver = receivers();
  const rules = path.join(mkdtempSync(path.join(tmpdir(), 'lifeos-rules-')), 'alerts.json');
  writeFileSync(rules, JSON.stringify([{ name: 'approvals wait', kind: 'approval_backlog', more_than: 0 }]));
  afterAll(() => rmSync(path.dirname(rules), { recursive: true }));
  const engine = engineForTests({ LIFEOS_NOTIFY_PRIVATE_NETWORKS: 'allow', LIFEOS_REMIND_AFTER: '1s,2s', LIFEOS_ALERTS: rules });

  it('is told of: an approval that waits is reminded of, and begins an alert', async () => {
    const there = await receiver();
    const events = ['approval.reminded', 'alert.began', 'alert.ended'];
    await ask(engine.url, 'POST', '/api/notifications/channels', { type: 'webhook', url: there.url, events });
    const submitted = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', {
      user_id: 1,
      plan: { steps: [{ key: 'a', tool: 'email_send', args: { recipient: 'a@example.org', subject: 'x', body: 'y' }, risk_level: 'L3' }] },
    });
    const told = () => Promise.resolve(there.received.map(({ body }) => JSON.parse(body) as { type: string; data: { link: string } }));
    const tellsOf = (type: string, count: number) => eventually(told, (all) => all.filter((one) => one.type === type).length >= count);
    // On a slow machine both may be due at once, and are one then.
    const isLast = ({ type, data }: { type: string; data: object }): boolean =>
      type === 'approval.reminded' && (data as { reminder: number }).reminder === 2;
    const reminded = (await eventually(told, (all) => all.some(isLast))).find(isLast);
    expect(reminded).toMatchObject({ data: { link: expect.stringMatching(/\/approvals\/\d+$/) as string } });
    const began = (await tellsOf('alert.began', 1)).find(({ type }) => type === 'alert.began')!;
    expect(began).toMatchObject({ data: { alert: 'approvals wait', link: expect.stringMatching(/\/attention$/) as string } });
    expect((await ask(engine.url, 'GET', '/api/alerts')).body).toMatchObject({ active: [{ name: 'approvals wait', ended_at: null }] });
    const { body: asked } = await ask<{ items: { approval_id: number; reminders: number }[] }>(engine.url, 'GET', '/api/approvals');
    expect(asked.items).toMatchObject([{ reminders: 2 }]);
    const { body: timeline } = await ask<{ events: { type: string }[] }>(
      engine.url,
      'GET',
      `/api/workflows/${submitted.body.workflow_id}/timeline`,
    );
    expect([1, 2]).toContain(timeline.events.filter(({ type }) => type === 'approval_reminded').length);
  });
});

describe('receivers over TLS', () => {
  const receiver = receivers();
  const tls = { cert: readFileSync(path.join(TLS, 'certificate.pem')), key: readFileSync(path.join(TLS, 'key.pem')) };

  /** The delivery of the test of a new channel to the address, once it was tried. */
  async function tried(engineUrl: string, url: string): Promise<Delivery> {
    const created = await ask<{ channel_id: number }>(engineUrl, 'POST', '/api/notifications/channels', { type: 'webhook', url });
    expect(created.status).toBe(201);
    const { channel_id: id } = created.body;
    await ask(engineUrl, 'POST', `/api/notifications/channels/${id}/test`);
    const list = () => ask<{ items: Delivery[] }>(engineUrl, 'GET', `/api/notifications/deliveries?channel_id=${id}`);
    const { body } = await eventually(list, ({ body: { items } }) => (items[0]?.tries[0]?.ended_at ?? null) !== null);
    return body.items[0]!;
  }

  describe('whose authority the operator trusts', () => {
    const engine = engineForTests({ LIFEOS_NOTIFY_PRIVATE_NETWORKS: 'allow', NODE_EXTRA_CA_CERTS: path.join(TLS, 'certificate.pem') });

    it('are told, by address and by name, though the connection goes to the address that was checked', async () => {
      const there = await receiver({ tls });
      expect(await tried(engine.url, there.url)).toMatchObject({ status: 'delivered' });
      expect(await tried(engine.url, there.url.replace('127.0.0.1', 'localhost'))).toMatchObject({ status: 'delivered' });
      expect(there.received.map(({ headers }) => headers.host)).toEqual([`127.0.0.1:${there.port}`, `localhost:${there.port}`]);
    });

    it('are told nothing where the certificate is for another name', async () => {
      const there = await receiver({ tls, host: '127.0.0.2' });
      const error = 'the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)';
      expect(await tried(engine.url, there.url)).toMatchObject({ status: 'pending', tries: [{ error }] });
      expect(there.received).toEqual([]);
    });
  });

  describe('whose authority nobody trusts', () => {
    const engine = engineForTests({ LIFEOS_NOTIFY_PRIVATE_NETWORKS: 'allow' });

    it('are told nothing', async () => {
      const there = await receiver({ tls });
      const { status, tries } = await tried(engine.url, there.url);
      expect([status, tries[0]!.error]).toEqual(['pending', expect.stringMatching(/^the connection failed \(\w*SELF_SIGNED\w*\)$/)]);
      expect(there.received).toEqual([]);
    });
  });
});
