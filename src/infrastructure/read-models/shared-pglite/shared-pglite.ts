import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { FolderLock } from '@lifeos/data-folder';
import type { Logger } from '../../../application/ports/logger.js';
import { openOrAfresh } from '../database/broken-folder.js';
import { copyEmptyDatabase, EMPTY_DATABASE } from '../database/empty-database.js';
import { PgliteSession } from '../database/pglite-session.js';
import { AdvisoryLocks } from './advisory-locks.js';
import { BackendTurns } from './backend-turns.js';
import { openingMessage } from './client-messages.js';
import { ClientSession, type SharedBackend } from './client-session.js';

export interface SharedPgliteSettings {
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** An initialised PGlite folder, of which new ones are copies. */
  readonly emptyDatabase?: string;
  /** Longest silence of a client within a transaction, in milliseconds. */
  readonly longestPauseMs?: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A client that is stopped within a transaction must not keep all others from working. */
const LONGEST_PAUSE_MS = 10_000;
/** Nobody but this machine: there is no authentication. */
const HOST = '127.0.0.1';

/** The embedded database as a PostgreSQL server for several processes of this machine. */
export class SharedPglite {
  /** Resolves with the reason if it ends by itself. */
  readonly failed: Promise<Error>;
  private fail!: (error: Error) => void;
  private readonly clients = new Set<ClientSession>();
  private count = 0;
  private readonly server: Server;

  private constructor(
    private readonly session: PgliteSession,
    private readonly lock: FolderLock,
    private readonly shared: SharedBackend,
  ) {
    this.failed = new Promise((resolve) => (this.fail = resolve));
    this.server = createServer({ noDelay: true }, (socket) => this.welcome(socket));
  }

  /** @throws DataFolderInUseError when another process has the embedded database; Error where the port is not to be had */
  static async start({
    dataDir,
    port,
    emptyDatabase = EMPTY_DATABASE,
    longestPauseMs = LONGEST_PAUSE_MS,
    logger,
  }: SharedPgliteSettings): Promise<SharedPglite> {
    const folder = path.join(dataDir, 'read-models');
    // The one that an engine with an embedded database takes.
    const lock = await FolderLock.take(`${folder}.lock`);
    let session: PgliteSession | undefined;
    try {
      session = await openOrAfresh(folder, logger, async () => {
        if (!existsSync(folder)) await copyEmptyDatabase(emptyDatabase, folder);
        return PgliteSession.open(folder);
      });
      const greeting = Buffer.from((await session.answer({ client: 0, bytes: new Uint8Array(openingMessage()) })).bytes);
      const turns = new BackendTurns(session);
      const database = new SharedPglite(session, lock, { turns, locks: new AdvisoryLocks(), greeting, longestPauseMs });
      await database.listen(port);
      return database;
    } catch (error) {
      await session?.close();
      lock.release();
      throw error;
    }
  }

  get url(): string {
    return `postgres://postgres@${HOST}:${(this.server.address() as AddressInfo).port}/postgres`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const client of this.clients) client.end('57P01', 'the database is stopped');
    // Of a backend that has failed there is nothing to wait for.
    await Promise.race([Promise.all([closed, ...[...this.clients].map(({ ended }) => ended)]), this.failed]);
    await this.session.close();
    this.lock.release();
  }

  private async listen(port: number): Promise<void> {
    const listening = once(this.server, 'listening');
    this.server.listen(port, HOST);
    try {
      await listening;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Error(`Cannot listen on ${HOST}:${port} (${code}): check --port.`, { cause: error });
    }
  }

  private welcome(socket: Socket): void {
    const client = new ClientSession(++this.count, socket, this.shared);
    this.clients.add(client);
    client.ended.then(
      () => this.clients.delete(client),
      (error: Error) => this.fail(new Error(`the embedded database failed: ${error.message}`, { cause: error })),
    );
  }
}
