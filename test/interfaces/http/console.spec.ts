import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConsole } from '../../../src/interfaces/http/console/console-files.js';
import { exchange, send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the console', () => {
  let folder: string;
  let http: ScriptedApp;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'console-'));
    await mkdir(path.join(folder, 'assets'));
    await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>The console</title>');
    await writeFile(path.join(folder, 'assets', 'index-1.js'), 'console.log("words ".repeat(3));\n'.repeat(50));
    await writeFile(path.join(folder, 'assets', 'index-1.css'), 'body { margin: 0 }');
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    http = await startScriptedApp({ console: readConsole(folder)! });
  });
  afterAll(async () => {
    await http.close();
    await rm(folder, { recursive: true });
  });

  const page = (address: string, accept = BROWSER) => send(`${http.url}${address}`, { headers: { Accept: accept } });

  it.each(['/', '/?from=mail', '/approvals/7', '/runs', '/runs?state=FAILED&q=a%20b', '/runs/12', '/runs/12?step=3', '/attention', '/new'])(
    'is shown to a browser at %s',
    async (address) => {
      const { status, headers, text } = await page(address);
      expect([status, headers.get('content-type'), text]).toEqual([
        200,
        'text/html; charset=utf-8',
        expect.stringContaining('The console'),
      ]);
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('vary')).toContain('Accept');
    },
  );

  it('may load its own files only, runs nothing inline, and is in no frame', async () => {
    for (const address of ['/', '/assets/index-1.js']) {
      const { headers } = await page(address);
      const policy = headers.get('content-security-policy')!.split('; ');
      expect(policy).toEqual(
        expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]),
      );
      expect(policy.join()).not.toMatch(/unsafe|data:|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('has files that never change, compressed for who takes that', async () => {
    const { headers, text } = await page('/assets/index-1.js', '*/*');
    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(text).toContain('console.log');
    const plain = await send(`${http.url}/assets/index-1.js`, { headers: { 'Accept-Encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), plain.text]).toEqual([null, text]);
    expect((await page('/assets/index-1.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  it('has the same head without a body', async () => {
    const head = await send(`${http.url}/runs`, { method: 'HEAD', headers: { Accept: BROWSER } });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
  });

  it.each([
    '/assets/../secret.txt',
    '/assets/..%2fsecret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..\\secret.txt',
    '/secret.txt',
    '/assets/',
    '/assets/index-2.js',
    '/assets/index-1.js/',
    '//assets/index-1.js',
    '/assets/%00',
    '/index.html',
    '/runs/x',
    '/runs/1/2',
    '/approvals/',
  ])('has nothing at %s', async (address) => {
    const answer = await exchange(
      http.port,
      `GET ${address} HTTP/1.1\r\nHost: localhost\r\nAccept: ${BROWSER}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/secret$/);
  });

  it.each(['application/json', '*/*', 'application/json, text/plain, */*;q=0.1'])(
    'leaves programs that accept %s what they got',
    async (accept) => {
      expect((await page('/', accept)).text).not.toContain('The console');
      expect((await page('/runs', accept)).body['code']).toBe('route.not-found');
    },
  );

  it('leaves the API, its documentation and the health checks alone', async () => {
    expect((await page('/', 'application/json')).body['links']).toBeDefined();
    expect((await page('/docs')).text).toContain('swagger');
    expect((await page('/docs')).headers.get('content-security-policy')).not.toBe((await page('/')).headers.get('content-security-policy'));
    expect((await page('/health/live')).body).toEqual({ status: 'ok' });
    expect((await page('/metrics')).text).toContain('runs_total');
    expect((await page('/api/nothing')).body['code']).toBe('route.not-found');
    expect((await send(`${http.url}/runs`, { method: 'POST' })).status).toBe(404);
  });

  it('is answered to known hosts only', async () => {
    const answer = await exchange(
      http.port,
      `GET / HTTP/1.1\r\nHost: elsewhere.example\r\nAccept: ${BROWSER}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('where the console is not built', () => {
  it('the start page stays', async () => {
    expect(readConsole(path.join(tmpdir(), 'never-built'))).toBeUndefined();
    const http = await startScriptedApp();
    expect((await send(`${http.url}/`, { headers: { Accept: BROWSER } })).text).toContain('<h1>Life OS Workflow Engine</h1>');
    expect((await send(`${http.url}/runs`, { headers: { Accept: BROWSER } })).status).toBe(404);
    await http.close();
  });
});
