import { connect, type Socket } from 'node:net';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { until } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const FRAME_BYTES = 64 * 1024;
const FRAMES = 1_500;
/** How long a client may read nothing where that is not to matter: longer than a test may take. */
const PATIENCE_MS = 600_000;

const entry = (id: number): LoggedEntry => ({
  id,
  workflowId: 7,
  position: BigInt(4_711 + id),
  type: 'step_succeeded',
  message: 'x'.repeat(FRAME_BYTES),
  stepId: 1,
  at: '2026-02-14T10:30:01.000Z',
  data: {},
});

describe('a client that reads slowly (invariant 30)', () => {
  let http: ScriptedApp;
  let taken: number;
  let over: boolean;
  afterEach(() => http.close());

  const start = async (stallMs: number): Promise<void> => {
    http = await startScriptedApp({ timings: { heartbeatMs: 10, stallMs } });
    taken = 0;
    over = false;
    http.answer(() => [{ type: 'StepReady' }]);
    http.follow(async function* () {
      try {
        for (; taken < FRAMES; taken++) yield await Promise.resolve(entry(taken));
      } finally {
        over = true;
      }
    });
  };

  const open = (): Socket => {
    const socket = connect({ port: http.port, host: '127.0.0.1' });
    socket.write('GET /api/workflows/7/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket.pause();
  };

  /** What is taken from the timeline while nothing is read has to stop growing. */
  const settled = async (): Promise<number> => {
    for (let before = -1; taken !== before || taken === 0;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return taken;
  };

  it('is given no more than the connection holds, and everything once it reads', async () => {
    await start(PATIENCE_MS);
    const socket = open();
    const held = await settled();
    // What the kernel keeps for a loopback connection is a few megabytes; all of it would be about 100.
    expect(held * FRAME_BYTES).toBeLessThan(32 * 1024 * 1024);
    expect(over).toBe(false);
    let bytes = 0;
    let last = '';
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      last = chunk.toString().slice(-10);
    });
    socket.resume();
    await until(() => over && last.endsWith('0\r\n\r\n'));
    expect(taken).toBe(FRAMES);
    expect(bytes).toBeGreaterThan(FRAMES * FRAME_BYTES);
  });

  it('does not hold up others', async () => {
    await start(PATIENCE_MS);
    const slow = open();
    await settled();
    const quick = open().resume();
    const before = taken;
    await until(() => taken > before + 500);
    slow.destroy();
    quick.destroy();
    await until(() => over);
  });

  it('is disconnected when it reads nothing for too long', async () => {
    await start(200);
    const socket = open();
    await until(() => over);
    expect(taken).toBeLessThan(FRAMES);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => undefined).resume();
    await closed;
  });

  it('does not hold up the engine’s end', async () => {
    await start(PATIENCE_MS);
    const socket = open().on('error', () => undefined);
    await settled();
    // Long before the patience with the client ends; else this test would not end in time.
    await http.close();
    await until(() => over);
    socket.destroy();
  });
});
