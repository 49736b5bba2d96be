import { Worker } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** An embedded Postgres that listens on loopback. */
export interface PgliteHost {
  readonly port: number;
  /** Resolves with the reason if it ends by itself. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Opens a database folder in the calling thread. @throws Error where the folder does not open */
export async function hostPglite(folder: string): Promise<PgliteHost> {
  const database = await PGlite.create(folder);
  const server = new PGLiteSocketServer({ db: database, host: HOST, port: 0 });
  await server.start();
  const port = Number(server.getServerConn().split(':').at(-1));
  return {
    port,
    failed: new Promise(() => undefined),
    stop: async () => {
      await server.stop();
      await database.close();
    },
  };
}

export type PgliteMessage = { readonly kind: 'started'; readonly port: number } | { readonly kind: 'refused'; readonly message: string };

/** Opens it in a thread of its own: its work would stop everything else in this one. Only from the compiled program. @throws as `hostPglite` */
export async function hostPgliteInWorker(folder: string): Promise<PgliteHost> {
  const worker = new Worker(new URL('./pglite.worker.js', import.meta.url), { workerData: folder });
  const ended = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => resolve(new Error('the thread of the embedded database ended')));
  });
  const message = await Promise.race([
    new Promise<PgliteMessage>((resolve) => worker.once('message', resolve)),
    ended.then((error) => Promise.reject(error)),
  ]);
  if (message.kind === 'refused') {
    await worker.terminate();
    throw new Error(message.message);
  }
  return {
    port: message.port,
    failed: ended,
    stop: async () => {
      worker.postMessage('stop');
      await ended;
    },
  };
}
