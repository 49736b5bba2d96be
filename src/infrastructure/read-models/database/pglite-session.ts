import { PGlite } from '@electric-sql/pglite';

/** Beside PGlite's own: 8 MB of buffers instead of 128 MB, for the operating system caches the files as well. */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

/** The message with which a client says that it leaves; the backend, which there is one of, is to stay. */
const TERMINATE = 'X'.charCodeAt(0);

/** Messages of a client's protocol, or the server's answer to them. `client` counts the clients: a later one takes the place of those before. */
export interface PgliteBytes {
  readonly client: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A PGlite database and its protocol: messages of a client go in, those of the server come out. One client at a time. */
export class PgliteSession {
  private client = 0;
  private work: Promise<unknown> = Promise.resolve();

  private constructor(private readonly database: PGlite) {}

  /** @throws Error where the folder does not open */
  static async open(folder: string): Promise<PgliteSession> {
    return new PgliteSession(await PGlite.create(folder, { startParams: START_PARAMETERS }));
  }

  /** Answers one or more whole messages, in the order in which they come; with nothing where there is no answer. The bytes are the caller's. */
  answer(messages: PgliteBytes): Promise<PgliteBytes> {
    const answered = this.work.then(() => this.compute(messages));
    this.work = answered;
    return answered;
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private async compute({ client, bytes }: PgliteBytes): Promise<PgliteBytes> {
    // What a client that has gone left behind must not meet the next one.
    if (client !== this.client && this.database.isInTransaction()) await this.database.exec('ROLLBACK');
    this.client = client;
    const answer = bytes[0] === TERMINATE ? new Uint8Array() : this.database.execProtocolRawSync(bytes).slice();
    return { client, bytes: answer };
  }
}
