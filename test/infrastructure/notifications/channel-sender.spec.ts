import { SMTPServer } from 'smtp-server';
import { createServer, type AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Message } from '../../../src/application/ports/notifications.js';
import { ChannelSender } from '../../../src/infrastructure/notifications/channel-sender.js';
import { MailSender } from '../../../src/infrastructure/notifications/mail-sender.js';
import { receivers } from '../../application/notifications/support/receiver.js';

const receiver = receivers();

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

const servers: SMTPServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(resolve)))));

async function mailServer(refuse?: { readonly code: number }): Promise<{ readonly url: string; readonly mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'me' && password === 's3cret' ? done(null, { user: 'me' }) : done(new Error('no')),
    onRcptTo: (_address, _session, done) => done(refuse && Object.assign(new Error('not here'), { responseCode: refuse.code })),
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => {
        const { mailFrom } = envelope;
        mails.push({ from: mailFrom === false ? '' : mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://me:s3cret@127.0.0.1:${port}`, mails };
}

const AT = '2026-01-05T08:00:00.000Z';
const message = (change: Partial<Message> = {}): Message => ({
  id: 'msg_0123456789abcdef0123456789abcdef',
  notification: {
    type: 'approval.required',
    at: AT,
    title: 'Approval needed: <b>Send</b> & go\r\nBcc: evil@example.org',
    page: '/approvals/3',
    data: {},
  },
  link: 'https://lifeos.example.org/approvals/3',
  added: [],
  addedCount: 0,
  sentAt: AT,
  ...change,
});

const digest = message({
  notification: { type: 'digest', at: AT, title: '120 notifications', page: '/', data: {} },
  link: 'https://lifeos.example.org/',
  added: [1, 2].map((n) => ({
    notification: { type: 'dead_letter', at: AT, title: `Failed ${n}`, page: `/runs/${n}`, data: {} },
    link: `https://lifeos.example.org/runs/${n}`,
  })),
  addedCount: 120,
});

describe('mail', () => {
  it('is sent as text and HTML, with one subject line and the link', async () => {
    const { url, mails } = await mailServer();
    const sender = new ChannelSender({ privateNetworks: false, mail: { url, from: 'LifeOS <lifeos@example.org>' } });
    expect(await sender.check('email', 'person@example.org')).toBe('person@example.org');
    expect(await sender.send('email', { address: 'person@example.org' }, message())).toEqual({ kind: 'sent', statusCode: 250 });
    expect(mails).toEqual([{ from: 'lifeos@example.org', to: ['person@example.org'], text: expect.any(String) as string }]);
    const { text } = mails[0]!;
    expect(text).toContain('Subject: Approval needed: <b>Send</b> & go Bcc: evil@example.org');
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).toContain('Message-ID: <msg_0123456789abcdef0123456789abcdef@lifeos>');
    expect(text).toMatch(
      /Content-Type: text\/plain[^]*https:\/\/lifeos\.example\.org\/approvals\/3[^]*Content-Type: text\/html[^]*&lt;b&gt;Send/,
    );
  });

  it('that the server refuses has failed with its code, and says nothing of the password', async () => {
    const { url } = await mailServer({ code: 550 });
    const sender = new ChannelSender({ privateNetworks: false, mail: { url, from: 'lifeos@example.org' } });
    const failed = await sender.send('email', { address: 'person@example.org' }, message());
    expect(failed).toEqual({ kind: 'failed', statusCode: 550, error: 'the mail server answered 550' });
    const wrong = new ChannelSender({ privateNetworks: false, mail: { url: url.replace('s3cret', 'wr0ng'), from: 'lifeos@example.org' } });
    const unauthorised = await wrong.send('email', { address: 'person@example.org' }, message());
    expect(unauthorised).toMatchObject({ kind: 'failed', statusCode: 535 });
    expect(JSON.stringify(unauthorised)).not.toContain('wr0ng');
  });

  it('that the server takes too long for in all has failed, and the connection is closed', async () => {
    let isClosed = false;
    // Never idle for long, and never done.
    const server = createServer((socket) => {
      const dripping = setInterval(() => socket.write('220-wait\r\n'), 20);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          clearInterval(dripping);
          isClosed = true;
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const sender = new MailSender(`smtp://127.0.0.1:${port}`, 'lifeos@example.org', 300);
      expect(await sender.send('person@example.org', message())).toEqual({
        kind: 'failed',
        error: 'the mail server did not take it within 0.3 s',
      });
      while (!isClosed) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('needs a server and an address', async () => {
    await expect(new ChannelSender({ privateNetworks: false }).check('email', 'a@example.org')).rejects.toMatchObject({
      code: 'channel.no-mail-server',
    });
    const sender = new ChannelSender({ privateNetworks: false, mail: { url: 'smtp://127.0.0.1:1', from: 'a@example.org' } });
    for (const address of ['nobody', 'a@example.org, b@example.org', 'a@example.org\r\nBcc: b@example.org'])
      await expect(sender.check('email', address)).rejects.toMatchObject({ code: 'channel.address-refused' });
  });
});

describe('a webhook', () => {
  it('is signed over its id, its time and its body', async () => {
    const there = await receiver();
    const sender = new ChannelSender({ privateNetworks: true });
    const secret = sender.newSecret();
    const sentAt = new Date().toISOString();
    expect(await sender.send('webhook', { address: there.url, secret }, message({ sentAt }))).toEqual({ kind: 'sent', statusCode: 204 });
    const { body, headers } = there.received[0]!;
    const given = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, given)).toMatchObject({ type: 'approval.required' });
    for (const [what, change] of [
      [`${body} `, {}],
      [body, { 'webhook-id': 'msg_another' }],
      [body, { 'webhook-timestamp': String(Number(given['webhook-timestamp']) + 1) }],
    ] as const)
      expect(() => new Webhook(secret).verify(what, { ...given, ...change })).toThrow('No matching signature');
  });

  it('goes to the address that was checked, whatever its name leads to by then', async () => {
    const there = await receiver();
    const { port, pathname } = new URL(there.url);
    // No resolver knows the name: asked once more, it leads nowhere.
    const sender = new ChannelSender({ privateNetworks: true, resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
    const sent = await sender.send('slack', { address: `http://receiver.invalid:${port}${pathname}` }, message());
    expect(sent).toEqual({ kind: 'sent', statusCode: 204 });
    expect(there.received).toHaveLength(1);
  });
});

describe('a Slack-compatible webhook', () => {
  it('gets one text, in which nothing of a person’s own is markup', async () => {
    const there = await receiver();
    const sender = new ChannelSender({ privateNetworks: true });
    expect(await sender.send('slack', { address: there.url }, message())).toEqual({ kind: 'sent', statusCode: 204 });
    const [{ body, headers, url }] = there.received as [(typeof there.received)[0]];
    expect(JSON.parse(body)).toEqual({
      text: 'Approval needed: &lt;b&gt;Send&lt;/b&gt; &amp; go Bcc: evil@example.org — <https://lifeos.example.org/approvals/3|open>',
    });
    expect(headers['webhook-signature']).toBeUndefined();
    expect(url).toBe('/hooks/s3cret-path?token=s3cret-token');
  });

  it('gets a digest line by line', async () => {
    const there = await receiver();
    await new ChannelSender({ privateNetworks: true }).send('slack', { address: there.url }, digest);
    const { text } = JSON.parse(there.received[0]!.body) as { text: string };
    expect(text.split('\n')).toEqual([
      'Failed 1 — <https://lifeos.example.org/runs/1|open>',
      'Failed 2 — <https://lifeos.example.org/runs/2|open>',
      'and 118 more — <https://lifeos.example.org/|open>',
    ]);
  });
});
