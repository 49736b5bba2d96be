import type { EventEmitter } from 'node:events';
import type { QueryRunner } from 'typeorm';
import type { Database } from '../database/database.js';

/** Session lock of the node that projects. */
const PROJECTOR_LOCK = 5_701_002;
/** A session with the lock that is silent for so long is ended by the server, in milliseconds: its process is stopped or its machine has gone, and another node is to project. */
const LONGEST_SILENCE_MS = 10_000;
const SIGN_OF_LIFE_MS = 2_000;

/** Ends what goes on under a session of the projector. */
export interface Session {
  readonly signal: AbortSignal;
  end(): void;
}

/** From PostgreSQL 14 on; an older one has no such limit, and keeps the lock until TCP gives up. @param ms 0: no limit */
async function limitSilence(runner: QueryRunner, ms: number): Promise<void> {
  await runner.query(`SELECT set_config(name, '${ms}', false) FROM pg_settings WHERE name = 'idle_session_timeout'`);
}

/**
 * Works as the one node that projects, until the work ends; nobody else can have an embedded database.
 * @returns false where another node has the lock
 */
export async function asProjector({ source, embedded }: Database, work: (session: Session) => Promise<void>): Promise<boolean> {
  const ended = new AbortController();
  const session = { signal: ended.signal, end: () => ended.abort() };
  if (embedded) {
    await work(session);
    return true;
  }
  const runner: QueryRunner = source.createQueryRunner();
  let connection: EventEmitter | undefined;
  try {
    connection = (await runner.connect()) as EventEmitter;
    // With its session the lock is gone, and another node may have it by now.
    connection.on('end', session.end);
    const [{ locked }] = (await runner.query(`SELECT pg_try_advisory_lock(${PROJECTOR_LOCK}) AS locked`)) as [{ locked: boolean }];
    if (!locked) return false;
    // That the session has ended is told by its "end".
    const signs = setInterval(() => void runner.query('SELECT 1').catch(() => undefined), SIGN_OF_LIFE_MS);
    try {
      await limitSilence(runner, LONGEST_SILENCE_MS);
      await work(session);
    } finally {
      clearInterval(signs);
      await limitSilence(runner, 0);
      await runner.query(`SELECT pg_advisory_unlock(${PROJECTOR_LOCK})`);
    }
    return true;
  } finally {
    // The pool keeps the connection: what listened to it must not end the next session.
    connection?.off('end', session.end);
    await runner.release();
  }
}
