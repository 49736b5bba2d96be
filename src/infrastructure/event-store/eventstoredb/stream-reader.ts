import { StreamNotFoundError, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import { NoAnswer } from './faults.js';

/**
 * What a read of the client answers, in order; nothing for a stream that does not exist. Three things the client leaves to its caller: it has no deadline,
 * so `silenceMs` without an answer while one is waited for is a fault; to stop iterating its stream does not end the call on the server, `cancel()` does; and
 * an error that is emitted while nobody iterates would end the process.
 * @throws what the client reports; NoAnswer; EventLogUnavailable once `stopped` is aborted
 */
export async function* readAnswers<E extends ResolvedEvent>(
  read: StreamingRead<E>,
  silenceMs: number,
  stopped: AbortSignal,
): AsyncGenerator<E, void> {
  read.on('error', () => undefined);
  let waiting = true;
  const timer = setTimeout(() => {
    if (waiting) read.destroy(new NoAnswer(`no answer within ${silenceMs} ms`));
  }, silenceMs);
  const stop = () => read.destroy(new EventLogUnavailable('the connection to the event store is closed'));
  stopped.addEventListener('abort', stop);
  try {
    for await (const answer of read) {
      waiting = false;
      yield answer;
      waiting = true;
      timer.refresh();
    }
  } catch (fault) {
    if (!(fault instanceof StreamNotFoundError)) throw fault;
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', stop);
    read.cancel().catch(() => undefined); // not awaited: it waits for a connection that may never come
    read.destroy();
  }
}
