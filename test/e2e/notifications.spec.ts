import { Webhook } from 'standardwebhooks';
import { receivers } from '../application/notifications/support/receiver.js';
import { engineForTests, LifeosProcess } from './support/engine-process.js';
import { ask, eventually } from './support/http.js';

interface Delivery {
  readonly delivery_id: string;
  readonly status: string;
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
