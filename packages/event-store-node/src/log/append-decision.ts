import { isSoftDeleted, type StreamHead } from './stream-head.js';

/** What a writer expects of the stream: one of the three words, or the revision of its last event. */
export type Expectation = 'any' | 'no_stream' | 'stream_exists' | number;

export type AppendDecision =
  | { readonly kind: 'write'; readonly undeletes: boolean }
  | { readonly kind: 'idempotent'; readonly lastRevision: number }
  | { readonly kind: 'wrong-expected-version' }
  | { readonly kind: 'stream-deleted' };

/** What the decision needs to know beyond the head of the stream. */
export interface WrittenIds {
  /** The revision at which the id was written to this stream, if that was recently. */
  recentRevisionOf(id: Buffer): number | undefined;
  /** Whether the event at this revision of the stream has this id, however old it is. */
  isAt(revision: number, id: Buffer): boolean;
}

const WRITE: AppendDecision = { kind: 'write', undeletes: false };
const WRONG: AppendDecision = { kind: 'wrong-expected-version' };
const DELETED: AppendDecision = { kind: 'stream-deleted' };
const write = (head: StreamHead): AppendDecision => (isSoftDeleted(head) ? { kind: 'write', undeletes: true } : WRITE);

/**
 * Decides an append by the expected-revision matrix of the protocol: a repeat of ids already written is answered as the
 * first time ("strong" with an exact revision, over restarts; "weak" otherwise, among recent writes).
 */
export function decideAppend(head: StreamHead, expected: Expectation, ids: readonly Buffer[], written: WrittenIds): AppendDecision {
  if (head.isTombstoned) return DELETED;
  if (expected === 'stream_exists') {
    if (isSoftDeleted(head)) return DELETED;
    if (head.last < 0 && head.metadata === undefined) return WRONG;
  }
  if (expected === 'any' || expected === 'stream_exists') return decideWeakly(head, ids, written);
  return decideExactly(head, expected === 'no_stream' ? -1 : expected, ids, written);
}

function decideWeakly(head: StreamHead, ids: readonly Buffer[], written: WrittenIds): AppendDecision {
  let lastRevision: number | undefined;
  for (const id of ids) {
    const revision = written.recentRevisionOf(id);
    if (revision === undefined) return lastRevision === undefined ? write(head) : WRONG;
    lastRevision = revision;
  }
  return lastRevision === undefined ? write(head) : { kind: 'idempotent', lastRevision };
}

function decideExactly(head: StreamHead, expected: number, ids: readonly Buffer[], written: WrittenIds): AppendDecision {
  if (expected === head.last) return write(head);
  if (expected > head.last || ids.length === 0) return WRONG;
  let revision = expected;
  for (const id of ids) {
    revision += 1;
    if (written.isAt(revision, id)) continue;
    const isNewStart = revision === 0 && expected === -1 && isSoftDeleted(head);
    return isNewStart ? write(head) : WRONG;
  }
  return { kind: 'idempotent', lastRevision: revision };
}
