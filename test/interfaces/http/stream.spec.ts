import { get, request, type IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import type { LiveTimeline } from '../../../src/application/ports/live-timeline.js';
import { GetWorkflowEvents } from '../../../src/application/queries/get-workflow-events.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { send, until } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const entry = (id: number, message = `Step ready: ${id}`): LoggedEntry => ({
  id,
  workflowId: 7,
  position: BigInt(4_711 + id),
  type: 'step_ready',
  message,
  stepId: 1,
  at: '2026-02-14T10:30:01.000Z',
  data: { attempt: 1 },
});

/** Resolves when the signal is aborted, as a live timeline waits for what happens next. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

interface Opened {
  readonly response: IncomingMessage;
  text: string;
  ended: boolean;
  broken: boolean;
}

describe('the live stream over HTTP', () => {
  let http: ScriptedApp;
  beforeEach(async () => {
    http = await startScriptedApp({ timings: { heartbeatMs: 30 } });
    http.answer(() => [{ type: 'StepReady', revision: 0 }]);
  });
  afterEach(() => http.close());

  const open = (headers: Record<string, string> = {}, path = '/api/workflows/7/stream'): Promise<Opened> =>
    new Promise((resolve, reject) => {
      const sent = get(`${http.url}${path}`, { headers, agent: false }, (response) => {
        const opened: Opened = { response, text: '', ended: false, broken: false };
        response.setEncoding('utf8');
        response.on('data', (text: string) => (opened.text += text));
        response.on('end', () => (opened.ended = true));
        response.on('error', () => (opened.broken = true));
        resolve(opened);
      });
      sent.on('error', reject);
    });

  const framesOf = (text: string): EventSourceMessage[] => {
    const frames: EventSourceMessage[] = [];
    createParser({ onEvent: (frame) => frames.push(frame) }).feed(text);
    return frames;
  };

  const follow = (entries: readonly LoggedEntry[], wait = false): void =>
    http.follow(async function* (_id, { signal }) {
      yield* entries;
      if (wait) await aborted(signal);
    });

  it('sends each entry as one frame and ends with the timeline', async () => {
    follow([entry(0), entry(2, 'two\nlines\r\u2028 and "quotes"')]);
    const stream = await open();
    await until(() => stream.ended);
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(stream.text).toMatch(
      /^retry: 2000\n: connected\n\nid: 0\nevent: step_ready\ndata: \{"id":0,"position":"4711","type":"step_ready","message":"Step ready: 0","step_id":1,"at":"2026-02-14T10:30:01.000Z","data":\{"attempt":1\}\}\n\nid: 2\n/,
    );
    const frames = framesOf(stream.text);
    expect(frames.map(({ id, event }) => [id, event])).toEqual([
      ['0', 'step_ready'],
      ['2', 'step_ready'],
    ]);
    expect(JSON.parse(frames[1]!.data)).toMatchObject({ id: 2, position: '4713', message: 'two\nlines\r\u2028 and "quotes"', step_id: 1 });
    expect(http.asked).toEqual([new GetWorkflowEvents({ workflowId: 7, from: 0, limit: 1 })]);
  });

  it('answers at once, and shows that it lives while nothing happens', async () => {
    follow([], true);
    const stream = await open();
    await until(() => stream.text.includes('\n\n:\n\n:\n\n'));
    expect(stream.text).toMatch(/^retry: 2000\n: connected\n\n/);
    expect(framesOf(stream.text)).toEqual([]);
    stream.response.destroy();
  });

  it.each([
    ['nothing', {}, '', undefined],
    ['the header', { 'Last-Event-ID': '5' }, '', 5],
    ['the header with 0', { 'Last-Event-ID': '0' }, '', 0],
    ['the parameter', {}, '?last_event_id=6', 6],
    ['both, where the header wins', { 'Last-Event-ID': '5' }, '?last_event_id=6', 5],
  ])('goes on after what is given: %s', async (_name, headers, query, after) => {
    const asked: Parameters<LiveTimeline['follow']>[] = [];
    http.follow((...args) => {
      asked.push(args);
      return (async function* () {})();
    });
    const stream = await open(headers, `/api/workflows/7/stream${query}`);
    await until(() => stream.ended);
    expect(asked).toHaveLength(1);
    expect(asked[0]![0]).toBe(7);
    expect(asked[0]![1].after).toBe(after);
    expect(http.asked).toEqual([new GetWorkflowEvents({ workflowId: 7, from: after ?? 0, limit: 1 })]);
  });

  it.each(['-1', 'abc', '1.5', '99999999999999999999', '9007199254740992', '0x1'])('refuses the last event id %j', async (id) => {
    for (const answer of [
      await send(`${http.url}/api/workflows/7/stream`, { headers: { 'Last-Event-ID': id } }),
      await send(`${http.url}/api/workflows/7/stream?last_event_id=${id}`),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid-last-event-id', errors: { length: 1 } } });
    }
    expect(http.asked).toEqual([]);
  });

  it('refuses an event that the run has not reached', async () => {
    http.answer(() => []);
    expect(await send(`${http.url}/api/workflows/7/stream`, { headers: { 'Last-Event-ID': '99' } })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid-last-event-id', detail: 'Last-Event-ID is 99, which workflow 7 has not reached.' },
    });
  });

  it('tells an EventSource that has seen the final event not to come back', async () => {
    http.answer(() => [{ type: 'WorkflowCompleted', revision: 9 }]);
    const headers = { 'Last-Event-ID': '9', Accept: 'text/event-stream' };
    expect((await send(`${http.url}/api/workflows/7/stream`, { headers })).status).toBe(204);
    // Another client gets a stream that ends at once.
    expect(await send(`${http.url}/api/workflows/7/stream`, { headers: { 'Last-Event-ID': '9' } })).toMatchObject({
      status: 200,
      text: 'retry: 2000\n: connected\n\n',
    });
  });

  it.each([
    [new DomainError('workflow.not-found', 'There is no workflow 7.'), 404, 'workflow.not-found'],
    [new EventLogUnavailable(), 503, 'event-store.unavailable'],
  ])('answers with a problem before any frame: %s', async (error, status, code) => {
    http.answer(() => {
      throw error;
    });
    expect(await send(`${http.url}/api/workflows/7/stream`)).toMatchObject({ status, body: { code } });
  });

  it('breaks the connection off where the timeline breaks, so that the client resumes', async () => {
    let breakNow = (): void => undefined;
    const read = new Promise<void>((resolve) => (breakNow = resolve));
    http.follow(async function* () {
      yield entry(0);
      await read;
      throw new EventLogUnavailable('gone');
    });
    const stream = await open();
    await until(() => stream.text.includes('id: 0'));
    breakNow();
    await until(() => stream.broken);
    expect(stream.ended).toBe(false);
    expect(http.log).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringContaining('workflow 7') as unknown })]);
  });

  it('stops following when the client goes away, and only then', async () => {
    const signals: AbortSignal[] = [];
    http.follow(async function* (_id, { signal }) {
      signals.push(signal);
      yield entry(0);
      await aborted(signal);
    });
    const [leaving, staying] = await Promise.all([open(), open()]);
    await until(() => [leaving, staying].every(({ text }) => text.includes('id: 0')));
    leaving.response.destroy();
    await until(() => signals.some(({ aborted: over }) => over));
    expect(signals.map(({ aborted: over }) => over).sort()).toEqual([false, true]);
    staying.response.destroy();
    await until(() => signals.every(({ aborted: over }) => over));
    expect(http.log).toEqual([]);
  });

  it('ends all streams when the engine stops', async () => {
    follow([entry(0)], true);
    const streams = await Promise.all([open(), open()]);
    await until(() => streams.every(({ text }) => text.includes('id: 0')));
    await http.close();
    await until(() => streams.every(({ ended }) => ended));
    expect(streams.some(({ broken }) => broken)).toBe(false);
  });

  it('answers HEAD without following', async () => {
    http.follow(() => {
      throw new Error('nobody asked');
    });
    const status = await new Promise((resolve, reject) => {
      request(`${http.url}/api/workflows/7/stream`, { method: 'HEAD', agent: false }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
