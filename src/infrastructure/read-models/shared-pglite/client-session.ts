import type { Socket } from 'node:net';
import type { AdvisoryLocks } from './advisory-locks.js';
import type { BackendTurns } from './backend-turns.js';
import {
  ClientMessages,
  closeStatementMessage,
  fatalMessage,
  ProtocolError,
  queryMessage,
  stateAfter,
  statementIn,
  syncMessage,
  withStatement,
  withStatementName,
  type ClientMessage,
  type SessionState,
} from './client-messages.js';
import { failing, sessionStatementIn, type SessionStatement } from './session-statement.js';

/** What the sessions of a server share. */
export interface SharedBackend {
  readonly turns: BackendTurns;
  readonly locks: AdvisoryLocks<ClientSession>;
  /** What the backend says to whoever opens a session. */
  readonly greeting: Buffer;
  /** How long a client may be silent while it has the backend, in milliseconds: it keeps all others from working. */
  readonly longestPauseMs: number;
}

/** Time for a client to take the last words before its connection is cut, in milliseconds. */
const LAST_WORDS_MS = 1_000;
/** The end of what is given to the backend in one go: it answers to these only. */
const ENDS_OF_UNITS = 'QSH';

interface Said {
  readonly message: ClientMessage;
  /** What it wants of the session, if anything. */
  readonly asked: SessionStatement | undefined;
}

/** A client of the shared database: its connection, and what a backend of its own would keep for it. */
export class ClientSession {
  /** Resolves when it has gone and nothing of it is left. Rejects when the backend does. */
  readonly ended: Promise<void>;
  private settle!: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  private readonly messages = new ClientMessages();
  private unit: Said[] = [];
  private work: Promise<void> = Promise.resolve();
  private pending = 0;
  private endTurn: (() => void) | undefined;
  private state: SessionState = 'I';
  private isGone = false;
  private readonly gone: Promise<void>;
  /** Prepared statements with names, as the backend knows them. */
  private readonly names = new Set<string>();
  /** 0: no limit. */
  private sessionLimitMs = 0;
  private transactionLimitMs = 0;
  private silence: NodeJS.Timeout | undefined;

  constructor(
    private readonly id: number,
    private readonly socket: Socket,
    private readonly shared: SharedBackend,
  ) {
    // It closes after an error, too.
    socket.on('error', () => undefined);
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
    this.ended = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    void this.gone.then(() => this.leave());
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
  }

  /** Ends the connection, with the reason. @param code an SQL state */
  end(code: string, reason: string): void {
    if (this.isGone) return;
    this.socket.end(fatalMessage(code, reason));
    // A process that is stopped takes nothing, and its locks and its transaction must not wait for it.
    setTimeout(() => this.socket.destroy(), LAST_WORDS_MS).unref();
    this.leave();
  }

  private hear(chunk: Buffer): void {
    if (this.isGone) return;
    try {
      for (const said of this.messages.take(chunk)) {
        if (said === 'encryption') this.socket.write('N');
        else if (said === 'session') this.socket.write(this.shared.greeting);
        else if (said === 'cancel' || said.type === 'X') this.socket.end();
        else this.collect(said);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end('08P01', error.message);
    }
  }

  private collect(message: ClientMessage): void {
    const sql = statementIn(message);
    const named = withStatementName(message, (name) => this.ownName(name, message.type === 'P'));
    this.unit.push({ message: named, asked: sql === undefined ? undefined : sessionStatementIn(sql) });
    if (!ENDS_OF_UNITS.includes(message.type)) return;
    const unit = this.unit;
    this.unit = [];
    this.pending++;
    clearTimeout(this.silence);
    // One that is over already looks whether it still counts.
    this.silence = undefined;
    this.then(async () => {
      await this.execute(unit);
      this.pending--;
      this.watchSilence();
    });
  }

  private ownName(name: string, isNew: boolean): string {
    const own = `${this.id}:${name}`;
    if (isNew) this.names.add(own);
    return own;
  }

  private then(step: () => Promise<void>): void {
    this.work = this.work.then(step);
    this.work.catch(this.settle.reject);
  }

  private async execute(unit: readonly Said[]): Promise<void> {
    if (this.isGone) return;
    // Nothing to flush, and no answer that would end the turn.
    if (!this.endTurn && unit.every(({ message }) => message.type === 'H')) return;
    const messages: Buffer[] = [];
    await this.takeTurn();
    for (const said of unit) messages.push((await this.translate(said)).bytes);
    if (this.isGone) return;
    const answer = await this.shared.turns.say(this.id, Buffer.concat(messages));
    this.state = stateAfter(answer);
    if (!this.isGone) this.socket.write(answer);
    if (this.state === 'I') this.passTurn();
  }

  private async takeTurn(): Promise<void> {
    this.endTurn ??= await this.shared.turns.take(this.id);
  }

  private passTurn(): void {
    this.transactionLimitMs = 0;
    this.endTurn?.();
    this.endTurn = undefined;
  }

  /** The message as the backend is to see it. */
  private async translate({ message, asked }: Said): Promise<ClientMessage> {
    if (!asked) return message;
    // Of a prepared one nobody knows here when it runs.
    const isPrepared = message.type === 'P' && asked.is !== 'refused';
    return withStatement(message, isPrepared ? refusal('such statements with parameters') : await this.answerTo(asked));
  }

  /** Does what is asked of the session, and answers with a statement that says so. */
  private async answerTo(asked: SessionStatement): Promise<string> {
    if (asked.is === 'refused') return refusal(asked.what);
    // The backend refuses whatever comes now.
    if (this.state === 'E') return 'SELECT 1';
    if (asked.is === 'limit') {
      if (asked.of === 'session') this.sessionLimitMs = asked.ms;
      else if (this.state === 'T') this.transactionLimitMs = asked.ms;
      return asked.of === 'session' ? `SELECT '${asked.ms}' AS set_config` : 'SET LOCAL idle_in_transaction_session_timeout = 0';
    }
    const { locks } = this.shared;
    const { key, column } = asked;
    if (asked.is === 'unlock') return `SELECT ${locks.giveBack(key, this)} AS ${column}`;
    let isTaken = locks.take(key, this);
    if (!asked.waits) return `SELECT ${isTaken} AS ${column}`;
    while (!isTaken && !this.isGone) {
      if (this.state !== 'I')
        return failing('55P03', 'a lock of somebody else is not waited for in a transaction: it keeps all others from working');
      const changed = locks.changed();
      this.passTurn();
      await Promise.race([changed, this.gone]);
      await this.takeTurn();
      isTaken = !this.isGone && locks.take(key, this);
    }
    return `SELECT '' AS ${column}`;
  }

  /** The server's own limits: PGlite would end everybody's session. */
  private watchSilence(): void {
    if (this.pending > 0 || this.isGone) return;
    const { longestPauseMs } = this.shared;
    const limit = this.endTurn ? Math.min(longestPauseMs, this.transactionLimitMs || longestPauseMs) : this.sessionLimitMs;
    if (limit === 0) return;
    const [code, what] = this.endTurn ? ['25P03', 'in a transaction'] : ['57P05', 'in its session'];
    const look = (): void => {
      // What came while this process was busy has not been read yet.
      setImmediate(() => {
        if (this.silence === timer && this.pending === 0) this.end(code, `the client was silent ${what} for ${limit} ms`);
      });
    };
    const timer = setTimeout(look, limit);
    this.silence = timer;
  }

  /** Leaves nothing of the client behind. */
  private leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.silence);
    if (!this.endTurn) this.shared.locks.giveBackAll(this);
    this.then(async () => {
      await this.undo();
      this.settle.resolve();
    });
  }

  private async undo(): Promise<void> {
    const { turns, locks } = this.shared;
    if (this.names.size > 0) await this.takeTurn();
    if (this.endTurn) {
      if (this.state === 'pipeline') this.state = stateAfter(await turns.say(this.id, syncMessage()));
      if (this.state !== 'I') await turns.say(this.id, queryMessage('ROLLBACK'));
      if (this.names.size > 0) await turns.say(this.id, Buffer.concat([...[...this.names].map(closeStatementMessage), syncMessage()]));
    }
    locks.giveBackAll(this);
    this.passTurn();
  }
}

const refusal = (what: string): string => failing('0A000', `the shared embedded database does not know ${what}`);
