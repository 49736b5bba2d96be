import path from 'node:path';
import { LifeosProcess, removeFolder, serveEngine, stopEngine, temporaryFolder } from './support/engine-process.js';
import { freePort, startEventStore } from './support/event-store-process.js';
import { approveAll, ask, eventually, finished, type Answer, type ApprovalDto } from './support/http.js';

const TLS = path.resolve('packages/event-store-node/test/support/tls');
const WITH_TLS = ['--tls-cert', path.join(TLS, 'certificate.pem'), '--tls-key', path.join(TLS, 'key.pem')];

interface Submitted {
  readonly workflow_id: number;
  readonly code?: string;
}

/** Longer than the client of an impatient person waits; what matters is that there is an answer. */
const CLIENT_MS = 60_000;

async function bounded<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error('no answer')), CLIENT_MS)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

const submit = (url: string, intent: string): Promise<Answer<Submitted>> =>
  bounded(ask<Submitted>(url, 'POST', '/api/workflows/submit', { user_id: 1, intent }));

function expectUnavailable({ status, headers, body }: Answer): void {
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
}

const submitUntilAccepted = async (url: string, intent: string): Promise<number> => {
  const { body } = await eventually(
    () => submit(url, intent),
    ({ status }) => status < 300,
    CLIENT_MS,
  );
  return body.workflow_id;
};

describe('an engine whose event store is away', () => {
  let folder: string;
  let port: number;
  beforeEach(async () => {
    folder = await temporaryFolder();
    port = await freePort();
  });
  afterEach(() => removeFolder(folder));

  const storeFolder = (): string => path.join(folder, 'store');
  const environment = (address = `esdb://127.0.0.1:${port}?tls=false`): Record<string, string> => ({
    LIFEOS_DATA_DIR: path.join(folder, 'engine'),
    EVENTSTORE_URL: address,
    PORT: '0',
    NO_COLOR: '1',
  });

  const startWithoutStore = async (): Promise<{ readonly process: LifeosProcess; readonly url: string }> => {
    const process = LifeosProcess.start(['serve'], environment());
    const [, url] = await process.says(/The event store does not answer: (http:\S+) refuses requests until it does/);
    return { process, url: url! };
  };

  it('listens, says so and refuses requests until the store is there; then everything starts by itself', async () => {
    const engine = await startWithoutStore();
    const { url } = engine;
    expect((await ask(url, 'GET', '/health/live')).status).toBe(200);
    const ready = await ask<{ checks: Record<string, { status: string }> }>(url, 'GET', '/health/ready');
    expect(ready).toMatchObject({ status: 503, body: { checks: { event_store: { status: 'failed' } } } });
    expectUnavailable(await submit(url, 'create a grocery list'));
    for (const where of ['/api/tools', '/api/workflows/1', '/api/workflows/1/stream', '/api/stream', '/api/approvals/workflow/1'])
      expectUnavailable(await bounded(ask(url, 'GET', where)));
    expect((await ask(url, 'GET', '/api/nowhere')).status).toBe(404);
    expect(engine.process.output).not.toContain('is ready');

    const store = await startEventStore(port, storeFolder());
    await engine.process.says(/is ready: /);
    const id = await submitUntilAccepted(url, 'create a grocery list');
    expect((await finished(url, id)).state).toBe('SUCCEEDED');
    await eventually(
      () => ask(url, 'GET', '/health/ready'),
      ({ status }) => status === 200,
    );
    expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
    store.kill('SIGTERM');
    await store.exited;
  }, 180_000);

  it('stops in good order while it waits', async () => {
    const engine = await startWithoutStore();
    expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
  }, 120_000);

  it.each([
    ['the password is wrong', `esdb://admin:wrong@127.0.0.1:PORT?tlsCAFile=${encodeURIComponent(path.join(TLS, 'certificate.pem'))}`],
    ['nobody vouches for its certificate', 'esdb://127.0.0.1:PORT?tls=true'],
  ])(
    'does not start where %s',
    async (_what, address) => {
      const store = await startEventStore(port, storeFolder(), [...WITH_TLS, '--users']);
      const engine = LifeosProcess.start(['serve'], environment(address.replace('PORT', String(port))));
      expect(await engine.exited).toEqual({ code: 1, signal: null });
      expect(engine.output).toMatch(/the event store at esdb:\/\/\S+ refuses: /);
      expect(engine.output).not.toContain('wrong');
      store.kill('SIGTERM');
      await store.exited;
    },
    120_000,
  );

  it.each([
    ['is stopped and goes on', 'SIGSTOP'],
    ['is killed and started again', 'SIGKILL'],
  ] as const)(
    'answers 503 while the store %s, and goes on by itself',
    async (_what, signal) => {
      let store = await startEventStore(port, storeFolder());
      const engine = await serveEngine(path.join(folder, 'engine'), environment());
      const { url } = engine;
      const underWay = await submitUntilAccepted(url, 'apply to 1 backend job');
      await eventually(
        () => ask<ApprovalDto[]>(url, 'GET', `/api/approvals/workflow/${underWay}`),
        ({ body }) => body.some(({ status }) => status === 'required'),
      );

      store.kill(signal);
      if (signal === 'SIGKILL') await store.exited;
      expectUnavailable(await submit(url, 'create a grocery list'));
      expectUnavailable(await bounded(ask(url, 'GET', `/api/workflows/${underWay}/events`)));
      expect((await ask(url, 'GET', '/health/ready')).status).toBe(503);

      if (signal === 'SIGKILL') store = await startEventStore(port, storeFolder());
      else store.kill('SIGCONT');
      const later = await submitUntilAccepted(url, 'create a grocery list');
      expect((await finished(url, later, CLIENT_MS)).state).toBe('SUCCEEDED');
      expect((await bounded(approveAll(url, underWay))).state).toBe('SUCCEEDED');
      expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
      store.kill('SIGTERM');
      await store.exited;
    },
    240_000,
  );
});
