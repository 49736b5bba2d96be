import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('requests before the event store has answered for the first time', () => {
  let http: ScriptedApp;
  const startUp = { isDone: false };
  beforeAll(async () => {
    http = await startScriptedApp({ startUp });
    http.answer(() => []);
  });
  afterAll(() => http.close());

  it.each([
    ['POST', '/api/workflows/submit?user_id=1&intent=eat'],
    ['POST', '/api/workflows/submit?user_id=nobody'],
    ['GET', '/api/workflows/1'],
    ['GET', '/api/tools'],
    ['GET', '/api/stream'],
  ])('%s %s is refused and not begun', async (method, path) => {
    startUp.isDone = false;
    const { status, headers, body } = await send(`${http.url}${path}`, { method });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(body).toMatchObject({ code: 'event-store.unavailable', instance: path.split('?')[0] });
    expect(http.asked).toEqual([]);
  });

  it.each(['/', '/health/live', '/health/ready', '/docs-json'])('GET %s is answered', async (path) => {
    startUp.isDone = false;
    expect((await send(`${http.url}${path}`)).status).toBe(200);
  });

  it('requests are taken from then on', async () => {
    startUp.isDone = true;
    expect((await send(`${http.url}/api/tools`)).status).toBe(200);
  });
});
