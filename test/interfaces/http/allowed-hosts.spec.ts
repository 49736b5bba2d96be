import { exchange } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string | undefined;
}

async function told(http: ScriptedApp, head: readonly string[], path = '/health/live', protocol = 'HTTP/1.1'): Promise<Told> {
  const answer = await exchange(http.port, [`GET ${path} ${protocol}`, ...head, 'Connection: close', '', ''].join('\r\n'));
  const status = Number(answer.split(' ')[1]);
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  const problem = (/application\/problem\+json/.test(answer) ? JSON.parse(body) : {}) as Partial<Told>;
  return { status, code: problem.code, detail: problem.detail };
}

const ROUTES = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/api/tools',
  '/api/workflows',
  '/api/workflows/1/stream',
  '/docs',
  '/docs-json',
];
const REBOUND = { status: 421, code: 'request.unknown-host', detail: expect.stringContaining('LIFEOS_PUBLIC_ORIGIN') as unknown };
const FOREIGN = { status: 403, code: 'request.cross-origin', detail: expect.stringContaining('LIFEOS_PUBLIC_ORIGIN') as unknown };

describe('a server on the loopback interface', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());

  it.each(['localhost', 'LocalHost:8000', 'localhost.', 'app.localhost:1', '127.0.0.1', '127.1.2.3:8000', '[::1]', '[::1]:9', '127.1'])(
    'is spoken to as %s',
    async (host) => expect((await told(http, [`Host: ${host}`])).status).toBe(200),
  );

  it.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '192.0.2.1',
    '[2001:db8::1]',
    '0.0.0.0',
  ])('refuses a request that was meant for %s', async (host) => expect(await told(http, [`Host: ${host}`])).toMatchObject(REBOUND));

  it.each(ROUTES)('refuses it at %s too', async (path) => {
    expect(await told(http, ['Host: evil.example'], path)).toMatchObject(REBOUND);
    expect(await told(http, ['Host: localhost', 'Origin: http://evil.example'], path)).toMatchObject(FOREIGN);
    expect(http.asked).toEqual([]);
  });

  it.each([
    ['no Host at all', [], 'HTTP/1.0'],
    ['an empty one', ['Host:'], 'HTTP/1.1'],
    ['two of them', ['Host: localhost', 'Host: evil.example'], 'HTTP/1.1'],
    ['one with a user', ['Host: localhost@evil.example'], 'HTTP/1.1'],
    ['one with a path', ['Host: localhost/x'], 'HTTP/1.1'],
  ])('refuses a request with %s', async (_, head, protocol) => {
    expect((await told(http, head, '/health/live', protocol)).status).toBe(400);
  });

  it.each([
    ['localhost:8000', 'http://localhost:8000'],
    ['localhost:8000', 'https://localhost:8000'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['[::1]:8000', 'http://[::1]:8000'],
  ])('lets a page of its own ask (%s, %s)', async (host, origin) => {
    expect((await told(http, [`Host: ${host}`, `Origin: ${origin}`])).status).toBe(200);
  });

  it.each([
    'null',
    '',
    'http://localhost:3000',
    'http://evil.example',
    'http://127.0.0.1:8000',
    'file://',
    'http://localhost:8000@evil.example',
  ])('lets no page of the origin "%s" ask', async (origin) =>
    expect(await told(http, ['Host: localhost:8000', `Origin: ${origin}`])).toMatchObject(FOREIGN),
  );
});

describe('a server behind a proxy', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp({ allowed: { publicOrigins: ['https://lifeos.example.org', 'https://other.example:8443'] } });
  });
  afterAll(() => http.close());

  it.each([
    ['lifeos.example.org', 'https://lifeos.example.org'],
    ['LifeOS.example.org:443', 'https://lifeos.example.org'],
    ['other.example', 'https://other.example:8443'],
    ['127.0.0.1:8000', 'https://lifeos.example.org'],
  ])('is spoken to by its public name (%s, %s)', async (host, origin) => {
    expect((await told(http, [`Host: ${host}`])).status).toBe(200);
    expect((await told(http, [`Host: ${host}`, `Origin: ${origin}`])).status).toBe(200);
  });

  it('takes commands from a page of its public origin, where the proxy put another Host', async () => {
    http.answer(() => ({ workflowId: 1, state: 'PLANNING', intent: 'x', position: 1n }));
    const head = (origin: string): string =>
      `POST /api/workflows/submit?user_id=1&intent=x HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nOrigin: ${origin}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    expect(await exchange(http.port, head('https://lifeos.example.org'))).toMatch(/^HTTP\/1\.1 201 /);
    expect(await exchange(http.port, head('https://evil.example'))).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each(['sub.lifeos.example.org', 'example.org', 'lifeos.example.org.evil.example'])('is not %s', async (host) => {
    expect(await told(http, [`Host: ${host}`])).toMatchObject(REBOUND);
  });
});

describe('a server on every interface', () => {
  it.each(['0.0.0.0', '::'])('(%s) is spoken to by any address, and by no name that is not configured', async (host) => {
    const http = await startScriptedApp({ allowed: { host, publicOrigins: ['http://lifeos.lan:8000'] } });
    try {
      for (const known of ['192.0.2.1:8000', '[2001:db8::1]', 'lifeos.lan:8000', 'localhost'])
        expect((await told(http, [`Host: ${known}`])).status).toBe(200);
      expect(await told(http, ['Host: evil.example'])).toMatchObject(REBOUND);
    } finally {
      await http.close();
    }
  });

  it('is spoken to by the name or the address that it was told to listen on', async () => {
    const http = await startScriptedApp({ allowed: { host: 'box.lan' }, listenOn: '127.0.0.1' });
    try {
      expect((await told(http, ['Host: BOX.lan:8000'])).status).toBe(200);
      expect(await told(http, ['Host: box.evil.example'])).toMatchObject(REBOUND);
    } finally {
      await http.close();
    }
  });
});
