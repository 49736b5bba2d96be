import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import type { LiveTimeline, RunsItem } from '../../../src/application/ports/live-timeline.js';
import { GetLogPosition } from '../../../src/application/queries/get-log-position.js';
import { send, until } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const FRAME_BYTES = 64 * 1024;

const itemAt = (position: bigint, message = 'Step ready: Search'): RunsItem => ({
  kind: 'entry',
  entry: {
    id: 1,
    workflowId: 7,
    position,
    type: 'step_ready',
    message,
    stepId: 1,
    at: '2026-02-14T10:30:01.000Z',
    data: { attempt: 1 },
  },
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

describe('the live stream of all runs over HTTP', () => {
  let http: ScriptedApp;
  let asked: Parameters<LiveTimeline['followAll']>[0][];
  beforeEach(async () => {
    http = await startScriptedApp({ timings: { heartbeatMs: 30 } });
    http.answer(() => 2n ** 62n);
    asked = [];
  });
  afterEach(() => http.close());

  const follow = (...items: readonly RunsItem[]): void =>
    http.followAll(async function* (options) {
      asked.push(options);
      yield* items;
      await aborted(options.signal);
    });

  const open = (query = '', headers: Record<string, string> = {}) =>
    new Promise<{ readonly response: IncomingMessage; text: string; ended: boolean }>((resolve, reject) => {
      get(`${http.url}/api/stream${query}`, { headers, agent: false }, (response) => {
        const opened = { response, text: '', ended: false };
        response.setEncoding('utf8');
        response.on('data', (text: string) => (opened.text += text));
        response.on('end', () => (opened.ended = true));
        response.on('error', () => undefined);
        resolve(opened);
      }).on('error', reject);
    });

  it('sends where it begins, each entry with its run, and signs of life, until the engine stops', async () => {
    follow({ kind: 'position', position: 41n }, itemAt(2n ** 61n + 1n));
    const stream = await open();
    await until(() => stream.text.endsWith('\n\n:\n\n'));
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.text).toMatch(/^retry: 2000\n: connected\n\nid: 41\n\n/);
    const frames: EventSourceMessage[] = [];
    createParser({ onEvent: (frame) => frames.push(frame) }).feed(stream.text);
    expect(frames.map(({ id, event, data }) => [id, event, JSON.parse(data) as unknown])).toEqual([
      [
        '2305843009213693953',
        'step_ready',
        {
          id: 1,
          position: '2305843009213693953',
          workflow_id: 7,
          type: 'step_ready',
          message: 'Step ready: Search',
          step_id: 1,
          at: '2026-02-14T10:30:01.000Z',
          data: { attempt: 1 },
        },
      ],
    ]);
    await http.close();
    await until(() => stream.ended);
  });

  it('asks for what is wanted, and after which place', async () => {
    follow();
    const streams = [
      await open(),
      await open('?user_id=3&types=step_ready,workflow_complete&last_event_id=12'),
      await open('?last_event_id=12', { 'Last-Event-ID': '9007199254740993' }),
      await open('?last_event_id=0'),
    ];
    expect(asked.map(({ signal: _, ...wanted }) => wanted)).toEqual([
      {},
      { userId: 3, types: new Set(['step_ready', 'workflow_complete']), after: 12n },
      { after: 9_007_199_254_740_993n },
      { after: 0n },
    ]);
    expect(http.asked).toEqual([new GetLogPosition(), new GetLogPosition(), new GetLogPosition()]);
    for (const { response } of streams) response.destroy();
  });

  it.each([
    ['types=step_ready,step_redy', '/types', /"step_redy" is none: there are workflow_started, workflow_planned, .*workflow_complete$/],
    ['types=', '/types', /"" is none/],
    ['types=step_ready&types=step_ready', '/types', /must be given once/],
    ['user_id=0', '/user_id', /must be a whole number from 1/],
    ['user=1', '/user', /is not known here/],
    ['min_position=4', '/min_position', /is not known here/],
  ])('refuses ?%s', async (query, field, message) => {
    expect(await send(`${http.url}/api/stream?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ field, message: expect.stringMatching(message) as unknown }] },
    });
    expect(asked).toEqual([]);
  });

  it.each(['-1', 'abc', '1.5', '9223372036854775808'])('refuses the last event id %j', async (id) => {
    for (const answer of [
      await send(`${http.url}/api/stream`, { headers: { 'Last-Event-ID': id } }),
      await send(`${http.url}/api/stream?last_event_id=${id}`),
    ])
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid-last-event-id', errors: { length: 1 } } });
  });

  it('refuses a place that the log has not reached', async () => {
    http.answer(() => 98n);
    expect(await send(`${http.url}/api/stream`, { headers: { 'Last-Event-ID': '99' } })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid-last-event-id', detail: 'Last-Event-ID is 99, which the log has not reached.' },
    });
  });

  it('answers with a problem while the log is away', async () => {
    http.answer(() => {
      throw new EventLogUnavailable();
    });
    expect(await send(`${http.url}/api/stream?last_event_id=5`)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  });

  it('invariant 30: takes no more for a client that does not read than its connection holds, and holds up nobody', async () => {
    let taken = 0;
    http.followAll(async function* ({ signal }) {
      while (!signal.aborted && taken < 3_000) {
        taken++;
        yield await Promise.resolve(itemAt(BigInt(taken), 'x'.repeat(FRAME_BYTES)));
      }
      await aborted(signal);
    });
    const client = () => {
      const socket = connect({ port: http.port, host: '127.0.0.1' });
      socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return socket.on('error', () => undefined);
    };
    const slow = client().pause();
    let before = -1;
    await until(() => taken > 0);
    while (taken !== before) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(taken * FRAME_BYTES).toBeLessThan(32 * 1024 * 1024);
    const quick = client().resume();
    await until(() => taken > before + 500);
    for (const socket of [slow, quick]) socket.destroy();
  });
});
