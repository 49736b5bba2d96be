import { parentPort, workerData } from 'node:worker_threads';
import { thrown, type FromThread, type ToThread } from './messages.js';

/** What a thread hosts. */
export interface Hosted<Started> {
  /** Told to the one who started the thread. */
  readonly started: Started;
  /** Resolves if it fails by itself. */
  readonly failed?: Promise<Error>;
  /** Something said to it. */
  hear?(what: unknown): void;
  stop(): Promise<void>;
}

/** Says something to the one who started the thread; the buffers move there. */
export type Say = (what: unknown, buffers?: readonly ArrayBuffer[]) => void;

/** The program of a thread that is started with `startInThread`: hosts something until it is told to stop. */
export async function hostInThread<Options, Started>(begin: (options: Options, say: Say) => Promise<Hosted<Started>>): Promise<void> {
  const port = parentPort!;
  const send = (message: FromThread<Started>, buffers: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...buffers]);
  try {
    const hosted = await begin(workerData as Options, (what, buffers) => send({ kind: 'said', what }, buffers));
    port.on('message', (message: ToThread) => {
      if (message.kind === 'said') hosted.hear?.(message.what);
      else void hosted.stop().finally(() => process.exit(0));
    });
    send({ kind: 'started', started: hosted.started });
    void hosted.failed?.then((error) => send({ kind: 'failed', error: thrown(error) }));
  } catch (error) {
    send({ kind: 'failed', error: thrown(error) });
    port.close();
  }
}
