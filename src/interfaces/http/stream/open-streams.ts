import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ApplicationError } from '../../../application/application.errors.js';
import { LOGGER, type Logger } from '../../../application/ports/logger.js';
import { EventStreamResponse } from './event-stream-response.js';
import { EVENT_STREAM_TIMINGS, type EventStreamTimings } from './event-stream-timings.js';

/** The live streams that are being served. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  readonly #open = new Set<EventStreamResponse>();
  #stopping = false;

  constructor(
    @Inject(EVENT_STREAM_TIMINGS) private readonly timings: EventStreamTimings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Ends all streams, so that the server can close. */
  onModuleDestroy(): void {
    this.#stopping = true;
    for (const stream of this.#open) stream.stop();
  }

  /**
   * Answers with frames until there are no more; where their source breaks, so does the connection.
   * @param what names the stream in the log
   * @throws ApplicationError engine.stopping, before the answer begins
   */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    what: string,
    frames: (signal: AbortSignal) => AsyncIterable<string>,
  ): Promise<void> {
    if (this.#stopping) throw new ApplicationError('engine.stopping', 'The engine is shutting down: connect again.');
    const stream = new EventStreamResponse(response, this.timings);
    // The header alone is what a HEAD request asks for.
    if (request.method === 'HEAD') return stream.end();
    this.#open.add(stream);
    try {
      await stream.sendAll(frames(stream.over));
      stream.end();
    } catch (error) {
      if (!stream.over.aborted) this.logger.warn(`the live stream of ${what} broke off: ${String(error)}`);
      stream.breakOff();
    } finally {
      this.#open.delete(stream);
    }
  }
}
