import { GetWaiting, type Waiting } from '../../../src/application/queries/get-waiting.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import { until } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const AT = '2026-02-14T10:30:01.000Z';
const entry = (id: number): LoggedEntry => ({
  id,
  workflowId: 7,
  position: BigInt(100 + id),
  type: 'step_ready',
  message: `entry ${id}`,
  stepId: 1,
  at: AT,
  data: {},
});
const APPROVAL = { kind: 'approval', stepId: 1, since: AT, until: null, approvalId: 3 } as const;
const SHOWN = { workflow_id: 7, waiting_for: [{ kind: 'approval', step_id: 1, since: AT, until: null, approval_id: 3 }] };

describe('a run that waits for a person, in its live stream', () => {
  let http: ScriptedApp;
  /** What the run answers when it is asked what it waits for; and how often it was. */
  let waiting: Waiting;
  let asked: number;
  beforeEach(async () => {
    asked = 0;
    http = await startScriptedApp({ timings: { quietMs: 10 } });
    http.answer((question) => {
      if (!(question instanceof GetWaiting)) return [{ type: 'StepReady', revision: 0 }];
      asked += 1;
      return waiting;
    });
  });
  afterEach(() => http.close());

  /** Entries that a test tells one by one. */
  function telling(): { readonly tell: (...entries: LoggedEntry[]) => void; readonly over: () => boolean } {
    const told: LoggedEntry[] = [];
    let wake = (): void => undefined;
    let isOver = false;
    http.follow(async function* (_id, { signal }) {
      signal.addEventListener('abort', () => {
        isOver = true;
        wake();
      });
      for (;;) {
        yield* told.splice(0);
        if (isOver) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    });
    return {
      tell: (...entries) => {
        told.push(...entries);
        wake();
      },
      over: () => isOver,
    };
  }

  const read = (path: string): { text: string; ended: boolean; readonly stop: () => void } => {
    const controller = new AbortController();
    const got = { text: '', ended: false, stop: () => controller.abort() };
    void (async () => {
      const response = await fetch(`${http.url}${path}`, { signal: controller.signal });
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) got.text += decoder.decode(chunk, { stream: true });
      got.ended = true;
    })().catch(() => undefined);
    return got;
  };

  it('is told once nothing more has happened, by a frame without an id, and again after something has', async () => {
    const { tell } = telling();
    waiting = { revision: 4, waits: [APPROVAL] };
    const stream = read('/api/workflows/7/stream');
    tell(entry(3), entry(4));
    await until(() => stream.text.includes('workflow_waiting'));
    const frames = stream.text.split('\n\n');
    expect(frames.at(-2)).toBe(`event: workflow_waiting\ndata: ${JSON.stringify(SHOWN)}`);
    waiting = { revision: 5, waits: [APPROVAL] };
    tell(entry(5));
    await until(() => stream.text.split('workflow_waiting').length === 3);
    stream.stop();
  });

  it('is not told while it goes on by itself, nor of what the client has not been told yet', async () => {
    const { tell } = telling();
    waiting = { revision: 4, waits: [] };
    const stream = read('/api/workflows/7/stream');
    tell(entry(4));
    await until(() => asked === 1);
    waiting = { revision: 6, waits: [APPROVAL] };
    tell(entry(5));
    await until(() => asked === 2);
    expect(stream.text).not.toContain('workflow_waiting');
    tell(entry(6));
    await until(() => stream.text.includes('workflow_waiting'));
    stream.stop();
  });

  it('ends the stream there where it is asked to', async () => {
    const { tell, over } = telling();
    waiting = { revision: 4, waits: [APPROVAL] };
    const stream = read('/api/workflows/7/stream?until=waiting');
    tell(entry(4));
    await until(() => stream.ended);
    expect(stream.text).toContain('workflow_waiting');
    expect(over()).toBe(true);
  });

  it('is told to a client that resumes after the last event', async () => {
    telling();
    waiting = { revision: 4, waits: [APPROVAL] };
    const stream = read('/api/workflows/7/stream?until=waiting&last_event_id=4');
    await until(() => stream.ended);
    expect(stream.text).toContain('workflow_waiting');
  });

  it('takes no other end', async () => {
    const response = await fetch(`${http.url}/api/workflows/7/stream?until=tomorrow`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'request.invalid']);
  });
});
