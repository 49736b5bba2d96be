import type { ServerResponse } from 'node:http';
import type { EventStreamTimings } from './event-stream-timings.js';

/** One event of a stream; or an id alone, which an EventSource keeps for when it reconnects without showing an event. */
export type Frame =
  | { readonly id: number | bigint; readonly event: string; readonly data: unknown }
  | { readonly id: number | bigint; readonly event?: never };

// JSON has no raw line breaks, so the data is always one line.
export const textOf = (frame: Frame): string =>
  frame.event === undefined ? `id: ${frame.id}\n\n` : `id: ${frame.id}\nevent: ${frame.event}\ndata: ${JSON.stringify(frame.data)}\n\n`;

/** Made once: a reason of its own for each stream, with its stack, is a large part of what ending one costs. */
const OVER = new Error('the stream is over');

/** Characters of frames that are gathered for one write at most: about what a connection's own buffer holds. */
const LARGEST_WRITE = 16 * 1024;

/**
 * Server-sent events (WHATWG HTML, 9.2) on one response. At most one frame more than the connection's own buffer holds waits for a slow client: the next
 * one is not taken before the client has read what is there.
 */
export class EventStreamResponse {
  readonly #over = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  #stall: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;
  #gathered = '';

  constructor(
    private readonly response: ServerResponse,
    private readonly timings: EventStreamTimings,
  ) {
    response.on('drain', () => this.#onDrain());
    response.once('close', () => this.#onClose());
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      // nginx would collect frames otherwise.
      'X-Accel-Buffering': 'no',
    });
    this.#write(`retry: ${timings.retryMs}\n: connected\n\n`);
    this.#heartbeat = setInterval(() => this.#beat(), timings.heartbeatMs);
    if (response.closed || response.destroyed) this.#onClose();
  }

  /** Aborted when nothing more can or should be sent: the connection is gone, or the stream was stopped. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Sends frames, each as its text, until there are no more, or until the stream is over. Rejects if the source does. */
  async sendAll(frames: AsyncIterable<string>): Promise<void> {
    for await (const text of frames) {
      if (this.over.aborted) return;
      this.#gather(text);
      await this.#writable();
    }
  }

  /** Lets the source end. A client that has not taken what it was sent would hold up the end, so it is disconnected. */
  stop(): void {
    if (this.response.writableNeedDrain) this.breakOff();
    this.#over.abort(OVER);
  }

  /** A regular end: the client knows that nothing is missing. */
  end(): void {
    clearInterval(this.#heartbeat);
    if (this.response.destroyed) return;
    this.#flush();
    this.#stall ??= setTimeout(() => this.breakOff(), this.timings.stallMs);
    this.response.end();
  }

  /** A broken connection: the client knows that it has to resume. */
  breakOff(): void {
    this.#over.abort(OVER);
    this.response.destroy();
  }

  /** Frames of one turn of the event loop, which is how those of a run mostly come, are one write. */
  #gather(text: string): void {
    if (this.#gathered === '') process.nextTick(() => this.#flush());
    this.#gathered += text;
    if (this.#gathered.length >= LARGEST_WRITE) this.#flush();
  }

  #flush(): void {
    const text = this.#gathered;
    this.#gathered = '';
    if (text !== '') this.#write(text);
  }

  #write(text: string): void {
    if (this.response.destroyed || this.response.write(text)) return;
    this.#stall ??= setTimeout(() => this.breakOff(), this.timings.stallMs);
  }

  #beat(): void {
    if (!this.response.writableNeedDrain) this.#write(':\n\n');
  }

  /** Resolves when the client has taken what was sent, or is gone. */
  async #writable(): Promise<void> {
    if (!this.response.writableNeedDrain || this.over.aborted) return;
    await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  #onDrain(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#drained?.();
    this.#drained = undefined;
  }

  #onClose(): void {
    clearInterval(this.#heartbeat);
    this.#onDrain();
    this.#over.abort(OVER);
  }
}
