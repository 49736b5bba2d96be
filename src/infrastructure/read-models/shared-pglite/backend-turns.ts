import type { PgliteSession } from '../database/pglite-session.js';
import { queryMessage } from './client-messages.js';

/** Ends what a client may have left behind that is a session's rather than a transaction's; the statement without a name goes with any Query. */
const CLEAN = 'CLOSE ALL; UNLISTEN *; RESET ALL; DISCARD TEMP';

/** Lends the one backend to one client at a time, in the order in which they ask. */
export class BackendTurns {
  private last: Promise<void> = Promise.resolve();
  private lastClient = 0;

  constructor(private readonly session: PgliteSession) {}

  /** Resolves when it is the client's turn, in a backend without traces of others, with what ends the turn. */
  async take(client: number): Promise<() => void> {
    const before = this.last;
    let end!: () => void;
    this.last = new Promise((resolve) => (end = resolve));
    await before;
    if (client !== this.lastClient) await this.say(client, queryMessage(CLEAN));
    this.lastClient = client;
    return end;
  }

  /** Whoever has the turn says something; answers with what the backend does. */
  async say(client: number, bytes: Buffer): Promise<Uint8Array> {
    return (await this.session.answer({ client, bytes: new Uint8Array(bytes) })).bytes;
  }
}
