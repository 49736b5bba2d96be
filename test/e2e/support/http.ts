import { Patience } from '@lifeos/test-support';
import { createParser } from 'eventsource-parser';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** One request; the body of the answer is parsed where it is JSON. */
export async function ask<T = unknown>(
  base: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

export interface StepDto {
  readonly step_id: number;
  readonly key: string;
  readonly tool: string;
  readonly state: string;
  readonly attempts: number;
  readonly output: unknown;
  readonly error: { readonly code: string } | null;
}

export interface WorkflowDto {
  readonly waiting_for: readonly { readonly kind: string }[];
  readonly workflow_id: number;
  readonly state: string;
  readonly revision: number;
  readonly steps: readonly StepDto[];
}

export interface ApprovalDto {
  readonly approval_id: number;
  readonly step_id: number;
  readonly status: string;
  readonly args: Record<string, unknown>;
  readonly args_hash: string;
}

export interface StoredEvent {
  readonly revision: number;
  readonly position: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export interface Frame {
  readonly id: number;
  readonly type: string;
}

/** Polls until the condition holds; fails after `limitMs` with the last value. */
export async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean, limitMs = 60_000): Promise<T> {
  const patience = new Patience(limitMs);
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (patience.isOver) throw new Error(`it did not come to hold in ${limitMs} ms: ${JSON.stringify(value).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const workflow = async (base: string, id: number): Promise<WorkflowDto> =>
  (await ask<WorkflowDto>(base, 'GET', `/api/workflows/${id}`)).body;

const FINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

export const finished = (base: string, id: number, limitMs?: number): Promise<WorkflowDto> =>
  eventually(
    () => workflow(base, id),
    ({ state }) => FINAL.includes(state),
    limitMs,
  );

/** All stored events of a run. */
export async function storedEvents(base: string, id: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const { body } = await ask<{ events: StoredEvent[] }>(base, 'GET', `/api/workflows/${id}/events?from=${events.length}&limit=1000`);
    events.push(...body.events);
    if (body.events.length === 0) return events;
  }
}

/** Approves every request of a run as it appears, until the run is final. */
export async function approveAll(base: string, id: number): Promise<WorkflowDto> {
  for (;;) {
    const { body } = await ask<ApprovalDto[]>(base, 'GET', `/api/approvals/workflow/${id}`);
    for (const approval of body.filter(({ status }) => status === 'required')) {
      await ask(base, 'POST', `/api/approvals/${approval.approval_id}/decision`, {
        decision: 'approve',
        decided_by: 10,
        args_hash: approval.args_hash,
      });
    }
    const run = await workflow(base, id);
    if (FINAL.includes(run.state)) return run;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Reads a run's SSE stream until it ends, or until `enough` frames are there. */
export async function streamFrames(
  base: string,
  id: number,
  options: { readonly after?: number; readonly enough?: number } = {},
): Promise<Frame[]> {
  const controller = new AbortController();
  const headers: Record<string, string> = options.after === undefined ? {} : { 'Last-Event-ID': String(options.after) };
  const response = await fetch(`${base}/api/workflows/${id}/stream`, { headers, signal: controller.signal });
  const frames: Frame[] = [];
  const parser = createParser({
    onEvent: ({ id: eventId, event }) => {
      // A frame without an id says that the run waits.
      if (eventId !== undefined) frames.push({ id: Number(eventId), type: event ?? '' });
    },
  });
  const text = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(text.decode(chunk, { stream: true }));
    if (options.enough !== undefined && frames.length >= options.enough) break;
  }
  controller.abort();
  return options.enough === undefined ? frames : frames.slice(0, options.enough);
}

export interface AllRunsFrame {
  readonly id: string;
  readonly data: { readonly id: number; readonly position: string; readonly type: string; readonly workflow_id: number };
}

/** Reads the stream of all runs after a position until there is enough. */
export async function allRunsFrames(
  base: string,
  after: string,
  enough: (frames: readonly AllRunsFrame[]) => boolean,
): Promise<AllRunsFrame[]> {
  const controller = new AbortController();
  const response = await fetch(`${base}/api/stream`, { headers: { 'Last-Event-ID': after }, signal: controller.signal });
  const frames: AllRunsFrame[] = [];
  const parser = createParser({ onEvent: ({ id = '', data }) => frames.push({ id, data: JSON.parse(data) as AllRunsFrame['data'] }) });
  const text = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(text.decode(chunk, { stream: true }));
    if (enough(frames)) break;
  }
  controller.abort();
  return frames;
}
