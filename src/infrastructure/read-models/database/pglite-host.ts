import { startInThread } from '@lifeos/hosted-thread';
import { PgliteSession, type PgliteBytes } from './pglite-session.js';
import { PgliteStream } from './pglite-stream.js';

/** An embedded Postgres for one client of this process. */
export interface PgliteHost {
  /** A connection for the driver, which takes the place of the one before. */
  connect(): PgliteStream;
  /** Resolves with the reason if it ends by itself. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** Hands the answers to the connection that asked, and forgets those to connections that have gone. */
class Clients {
  private count = 0;
  private current: PgliteStream | undefined;

  connect(ask: (bytes: PgliteBytes) => void): PgliteStream {
    const client = ++this.count;
    this.current = new PgliteStream((bytes) => ask({ client, bytes }));
    return this.current;
  }

  hear({ client, bytes }: PgliteBytes): void {
    if (client === this.count) this.current?.receive(bytes);
  }
}

/** Opens a database folder in the calling thread. @throws Error where the folder does not open */
export async function hostPglite(folder: string): Promise<PgliteHost> {
  const session = await PgliteSession.open(folder);
  const clients = new Clients();
  return {
    connect: () => clients.connect((messages) => void session.answer(messages).then((answer) => clients.hear(answer))),
    failed: new Promise(() => undefined),
    stop: () => session.close(),
  };
}

/** Opens it in a thread of its own: its work would stop everything else in this one. Only from the compiled program. @throws as `hostPglite` */
export async function hostPgliteInThread(folder: string): Promise<PgliteHost> {
  const clients = new Clients();
  const thread = await startInThread<undefined>({
    program: new URL('./pglite.worker.js', import.meta.url),
    options: folder,
    hear: (what) => clients.hear(what as PgliteBytes),
  });
  return {
    connect: () => clients.connect((message) => thread.say(message, [message.bytes.buffer])),
    failed: thread.failed.then((error) => new Error(`the embedded database failed: ${error.message}`, { cause: error })),
    stop: () => thread.stop(),
  };
}
