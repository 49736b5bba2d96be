import { Worker } from 'node:worker_threads';
import { thrown, type FromThread, type ThrownError, type ToThread } from './messages.js';

export interface HostedThread<Started> {
  /** What the thread told when it had started. */
  readonly started: Started;
  /** Resolves with the reason if it fails, throws or ends by itself. */
  readonly failed: Promise<Error>;
  /** Says something to what it hosts; the buffers move there. */
  say(what: unknown, buffers?: readonly ArrayBuffer[]): void;
  /** Lets it end in good order. Resolves once the thread is gone, however it went. */
  stop(): Promise<void>;
}

interface Options {
  /** The file of the thread's program, which calls `hostInThread`. */
  readonly program: URL;
  /** What it is given; can be copied between threads. */
  readonly options: unknown;
  /** Hears what the thread says. */
  readonly hear?: (what: unknown) => void;
  /** The error on this side, of the class it had on the other. */
  readonly errorFrom?: (error: ThrownError) => Error;
}

const sameName = ({ name, message, details }: ThrownError): Error => Object.assign(new Error(message), details, { name });

/**
 * Starts a thread and waits until what it hosts has started.
 * @throws what that threw, or what ended the thread
 */
export async function startInThread<Started>({ program, options, hear, errorFrom = sameName }: Options): Promise<HostedThread<Started>> {
  const worker = new Worker(program, { workerData: options });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let isStopping = false;
  let fail!: (error: Error) => void;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  const post = (message: ToThread, buffers: readonly ArrayBuffer[] = []): void => worker.postMessage(message, [...buffers]);
  const started = new Promise<Started>((resolve, reject) => {
    const broken = (error: Error): void => {
      reject(error);
      if (!isStopping) fail(error);
    };
    worker.on('message', (message: FromThread<Started>) => {
      if (message.kind === 'said') hear?.(message.what);
      else if (message.kind === 'started') resolve(message.started);
      else broken(errorFrom(message.error));
    });
    worker.on('error', (error) => broken(errorFrom(thrown(error))));
    worker.on('exit', () => broken(new Error('the thread ended')));
  });
  try {
    return {
      started: await started,
      failed,
      say: (what, buffers) => post({ kind: 'said', what }, buffers),
      stop: async () => {
        isStopping = true;
        post({ kind: 'stop' });
        await exited;
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}
