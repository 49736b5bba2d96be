import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('requests while the event store is away', () => {
  let http: ScriptedApp;
  let silentMs = 0;
  beforeAll(async () => {
    http = await startScriptedApp({ silence: { silentMs: () => silentMs }, silenceLimitMs: 50 });
  });
  afterAll(() => http.close());

  it.each([
    ['POST', '/api/workflows/submit?user_id=1&intent=eat'],
    ['GET', '/api/workflows/1/events'],
    ['GET', '/api/workflows/1'],
    ['GET', '/api/workflows/1/stream'],
  ])('%s %s is answered though the store never is', async (method, path) => {
    silentMs = 60_000;
    http.answer(() => new Promise(() => undefined));
    const { status, headers, body } = await send(`${http.url}${path}`, { method });
    expect(status).toBe(503);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('retry-after')).toBe('2');
    expect(body).toMatchObject({ code: 'event-store.unavailable' });
    expect((body as { readonly detail: string }).detail).toContain('The event store cannot be reached');
  });

  it('a request that takes longer is waited for where the store answers', async () => {
    let looks = 0;
    let answer!: (tools: unknown) => void;
    const silentMs = (): number => {
      // Looked at more than once: the request outlives the limit.
      if (++looks === 3) answer([]);
      return 0;
    };
    const app = await startScriptedApp({ silence: { silentMs }, silenceLimitMs: 20 });
    app.answer(() => new Promise((resolve) => (answer = resolve)));
    expect((await send(`${app.url}/api/tools`)).status).toBe(200);
    expect(looks).toBeGreaterThanOrEqual(3);
    await app.close();
  });
});
