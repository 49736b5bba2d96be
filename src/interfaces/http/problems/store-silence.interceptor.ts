import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Observable, race } from 'rxjs';
import { EVENT_LOG_SILENCE, EventLogUnavailable, type EventLogSilence } from '../../../application/ports/event-log.js';

/** How long a request waits while the event store answers nobody, in milliseconds. */
export const STORE_SILENCE_LIMIT_MS = Symbol('StoreSilenceLimitMs');

/** Pause before the second look, in milliseconds: where this process itself was busy, the answers are still to be read. */
const SECOND_LOOK_MS = 100;

/**
 * Lets no caller wait long for an event store that is away. What the request began goes on behind it, with the patience that work without a caller has: an
 * append whose outcome is unknown is still repeated with the same ids, so the command may be carried out after the answer.
 */
@Injectable()
export class StoreSilenceInterceptor implements NestInterceptor {
  constructor(
    @Inject(EVENT_LOG_SILENCE) private readonly silence: EventLogSilence,
    @Inject(STORE_SILENCE_LIMIT_MS) private readonly limitMs: number,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return race(next.handle(), this.tooLong(context.switchToHttp().getResponse<ServerResponse>()));
  }

  /** Fails once the store has been silent for too long; never for an answer that has begun, like a live stream. */
  private tooLong(response: ServerResponse): Observable<never> {
    return new Observable((subscriber) => {
      let timer: NodeJS.Timeout;
      const lookIn = (ms: number, isSecond: boolean): void => {
        timer = setTimeout(() => {
          if (response.headersSent) return;
          const missing = this.limitMs - this.silence.silentMs();
          if (missing > 0) lookIn(missing, false);
          else if (!isSecond) lookIn(SECOND_LOOK_MS, true);
          else subscriber.error(new EventLogUnavailable(`no answer within ${this.limitMs} ms`));
        }, ms);
      };
      lookIn(this.limitMs, false);
      return () => clearTimeout(timer);
    });
  }
}
