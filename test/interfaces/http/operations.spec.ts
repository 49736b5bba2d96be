import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('operating the engine over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp({ healthCheckLimitMs: 50 });
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.checks.length = 0;
  });

  it('is alive', async () => {
    expect(await send(`${http.url}/health/live?probe=1`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('is ready when everything it depends on is', async () => {
    http.checks.push({ name: 'event-store', check: () => Promise.resolve() });
    expect(await send(`${http.url}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { 'event-store': { status: 'ok' } } },
    });
  });

  it('tells what a part says of itself', async () => {
    http.checks.push({ name: 'read_models', check: () => Promise.resolve('at position 5 of 9') });
    expect((await send(`${http.url}/health/ready`)).body).toEqual({
      status: 'ok',
      checks: { read_models: { status: 'ok', detail: 'at position 5 of 9' } },
    });
  });

  it('says what is not usable, and waits for nothing longer than its limit', async () => {
    http.checks.push(
      { name: 'event-store', check: () => Promise.reject(new Error('connection refused\n    at secret place')) },
      { name: 'database', check: () => new Promise(() => undefined) },
      { name: 'disk', check: () => Promise.resolve() },
      {
        name: 'thrower',
        check: () => {
          throw new Error('at once');
        },
      },
    );
    const { status, body } = await send(`${http.url}/health/ready`);
    expect(status).toBe(503);
    expect(body).toEqual({
      status: 'unavailable',
      checks: {
        'event-store': { status: 'failed', error: 'connection refused' },
        database: { status: 'failed', error: 'no answer within 50 ms' },
        disk: { status: 'ok' },
        thrower: { status: 'failed', error: 'at once' },
      },
    });
  });

  it('shows its metrics in the Prometheus format', async () => {
    const { status, headers, text } = await send(`${http.url}/metrics`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toBe('runs_total 1\n');
  });

  it('says nothing about what it is made of, and lets browsers guess nothing', async () => {
    for (const path of ['/health/live', '/nowhere', '/docs']) {
      const { headers } = await send(`${http.url}${path}`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('etag')).toBeNull();
    }
  });
});
