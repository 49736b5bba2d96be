import { createHash } from 'node:crypto';
import { indexSchema } from '../../../src/interfaces/http/start-page/start-page.controller.js';
import { exchange, send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('the start page', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());

  const page = (accept = 'text/html,application/xhtml+xml,*/*;q=0.8') => send(`${http.url}/`, { headers: { Accept: accept } });

  it('greets a person: what this is, where to go on, and what to try at the address that was asked', async () => {
    const { status, headers, text } = await page();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('vary')).toBe('Accept');
    expect(text).toMatch(/<html lang="en">/);
    expect(text).toMatch(/<h1>Life OS Workflow Engine<\/h1>/);
    for (const path of ['/docs', '/docs-json', '/health/ready', '/metrics']) {
      expect(text).toContain(`<a href="${path}">`);
      expect((await send(`${http.url}${path}`)).status).toBe(200);
    }
    expect(text).toContain(`curl -X POST &#39;http://127.0.0.1:${http.port}/api/workflows/submit?user_id=1&amp;intent=`);
  });

  it('loads nothing, runs nothing, and allows its own style only', async () => {
    const { headers, text } = await page();
    const policy = headers.get('content-security-policy')!;
    const style = /<style>([^]*?)<\/style>/.exec(text)![1]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(text).not.toMatch(/<script|\son\w+=|\sstyle=|\ssrc=|url\(|@import/i);
  });

  it.each([
    ['text/html', 'html'],
    ['*/*', 'html'],
    ['image/png', 'html'],
    ['application/json, text/html', 'html'],
    ['application/json', 'json'],
    ['application/json, text/plain, */*;q=0.1', 'json'],
  ])('to one who accepts %s is %s', async (accept, kind) => {
    const { status, headers, body } = await page(accept);
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(kind)]);
    if (kind === 'json') expect(Object.values(indexSchema.parse(body).links)).toEqual(['/docs', '/docs-json', '/health/ready', '/metrics']);
  });

  it.each(['"><script>alert(1)</script>', "x'$(id)'", 'a b', 'user@host', '[::1'])('shows no page to the Host %j', async (host) => {
    const answer = await exchange(http.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toMatch(/Content-Type: application\/problem\+json/i);
  });

  it.each([
    ['localhost:8000', '', 'http://localhost:8000'],
    ['[::1]:8000', '', 'http://[::1]:8000'],
    ['engine.example', 'X-Forwarded-Proto: https\r\n', 'https://engine.example'],
  ])('shows the Host %s', async (host, header, shown) => {
    const behindProxy = await startScriptedApp({ allowed: { publicOrigins: ['https://engine.example'] } });
    const answer = await exchange(behindProxy.port, `GET / HTTP/1.1\r\nHost: ${host}\r\n${header}Connection: close\r\n\r\n`);
    expect(answer).toContain(`${shown}/api/`);
    await behindProxy.close();
  });

  it('has the same head without a body, and takes no other method', async () => {
    const [got, head] = [await send(`${http.url}/`), await send(`${http.url}/`, { method: 'HEAD' })];
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', got.headers.get('content-length')]);
    const posted = await send(`${http.url}/`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow'), posted.body['code']]).toEqual([405, 'GET, HEAD', 'route.method-not-allowed']);
  });
});
