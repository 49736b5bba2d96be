import { PGlite } from '@electric-sql/pglite';

/** Beside PGlite's own: 8 MB of buffers instead of 128 MB, for the operating system caches the files as well. */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

/** The message with which a client says that it leaves; the backend, which there is one of, is to stay. */
const TERMINATE = 'X'.charCodeAt(0);

/** A PGlite database and its protocol: messages of a client go in, those of the server come out. One client at a time. */
export class PgliteSession {
  private constructor(private readonly database: PGlite) {}

  /** @throws Error where the folder does not open */
  static async open(folder: string): Promise<PgliteSession> {
    return new PgliteSession(await PGlite.create(folder, { startParams: START_PARAMETERS }));
  }

  /** Computes the answer to one or more whole messages; empty where there is none. The bytes are the caller's. */
  answer(messages: Uint8Array): Uint8Array {
    if (messages[0] === TERMINATE) return new Uint8Array();
    return this.database.execProtocolRawSync(messages).slice();
  }

  /** What a client that has gone left behind must not meet the next one. */
  async reset(): Promise<void> {
    if (this.database.isInTransaction()) await this.database.exec('ROLLBACK');
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
