/** What a statement wants of its session rather than of the tables: the server does that, for the backend has one session for all. */
export type SessionStatement =
  | { readonly is: 'lock'; readonly key: string; readonly waits: boolean; readonly column: string }
  | { readonly is: 'unlock'; readonly key: string; readonly column: string }
  /** How long the session may be silent. */
  | { readonly is: 'limit'; readonly of: 'session' | 'transaction'; readonly ms: number }
  | { readonly is: 'refused'; readonly what: string };

const LOCK = /^\s*SELECT\s+pg_(try_advisory_lock|advisory_lock|advisory_unlock)\((-?\d+)\)(?:\s+AS\s+([a-z_]+))?\s*;?\s*$/i;
const SESSION_LIMIT = /^\s*SELECT set_config\(name, '(\d+)', false\) FROM pg_settings WHERE name = 'idle_session_timeout'\s*;?\s*$/i;
const TRANSACTION_LIMIT = /^\s*SET LOCAL idle_in_transaction_session_timeout\s*(?:=|TO)\s*(\d+)\s*;?\s*$/i;

/** Texts in a statement, whose words mean nothing. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1/g;

/** What would reach other clients, or would be lost with the next change of hands, or would end the backend: PGlite ends with a session that a limit or a copy ends. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [
    /\bpg_\w*advisory\w*\(/i,
    'advisory locks other than those of a session with one key, each in a statement of its own without parameters',
  ],
  [/(?:^|;)\s*(?:SET\s+(?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)|RESET\b)/i, 'settings of a session'],
  [/\bset_config\([^)]*,\s*false\s*\)/i, 'settings of a session'],
  [/\b(?:idle_session|idle_in_transaction_session|transaction|statement)_timeout\b/i, 'this limit of time'],
  [/(?:^|;)\s*(?:PREPARE|EXECUTE|DEALLOCATE|DISCARD)\b/i, 'prepared statements by SQL'],
  [/(?:^|;)\s*(?:LISTEN|UNLISTEN)\b/i, 'notifications'],
  [/(?:^|;)\s*COPY\b/i, 'COPY'],
  [/\bCREATE\s+(?:(?:LOCAL|GLOBAL)\s+)?TEMP(?:ORARY)?\b|\bINTO\s+TEMP(?:ORARY)?\b/i, 'temporary tables'],
  [/\bWITH\s+HOLD\b/i, 'cursors that outlast their transaction'],
];

/** @returns undefined for a statement like any other */
export function sessionStatementIn(sql: string): SessionStatement | undefined {
  const lock = LOCK.exec(sql);
  if (lock) {
    const [, action, digits, name] = lock;
    const [key, column] = [BigInt(digits!).toString(), name ?? `pg_${action!.toLowerCase()}`];
    if (action!.toLowerCase() === 'advisory_unlock') return { is: 'unlock', key, column };
    return { is: 'lock', key, column, waits: action!.toLowerCase() === 'advisory_lock' };
  }
  const ofSession = SESSION_LIMIT.exec(sql);
  if (ofSession) return { is: 'limit', of: 'session', ms: Number(ofSession[1]) };
  const ofTransaction = TRANSACTION_LIMIT.exec(sql);
  if (ofTransaction) return { is: 'limit', of: 'transaction', ms: Number(ofTransaction[1]) };
  const bare = sql.replace(QUOTED, "''");
  const refused = REFUSED.find(([pattern]) => pattern.test(bare));
  return refused && { is: 'refused', what: refused[1] };
}

/** A statement that fails in place of one that is refused, so that its transaction and its pipeline fail as with any error. @param code an SQL state */
export const failing = (code: string, reason: string): string =>
  `DO $refusal$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}', MESSAGE = '${reason.replaceAll("'", "''")}'; END $refusal$`;
