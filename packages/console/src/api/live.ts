import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { TimelineEvent } from './client';

export type LiveEntry = TimelineEvent & { readonly workflow_id: number };
export type Connection = 'connecting' | 'live' | 'away';

const TYPES = [
  'workflow_started',
  'workflow_planned',
  'start_time_reached',
  'step_ready',
  'step_running',
  'step_waits_for_tool',
  'step_succeeded',
  'step_failed',
  'step_result_refused',
  'step_retry_scheduled',
  'step_blocked',
  'approval_required',
  'approval_reminded',
  'approval_granted',
  'approval_rejected',
  'step_skipped',
  'step_dead_lettered',
  'step_retry_requested',
  'event_parked',
  'parked_event_replayed',
  'parked_event_dropped',
  'workflow_paused',
  'workflow_resumed',
  'workflow_cancelling',
  'workflow_cancelled',
  'workflow_failed',
  'workflow_complete',
] as const satisfies readonly TimelineEvent['type'][];

/** How long entries are gathered before what they concern is read again, in milliseconds. */
const GATHER_MS = 150;
/** How long a page that nobody sees keeps its stream: a browser has only six connections to one server. */
const HIDDEN_MS = 10_000;
const AGAIN_MS = 3_000;

let connection: Connection = 'connecting';
/** Place in the log of the newest thing known here: what is read sees at least that. */
let seen: bigint | undefined;
const listeners = new Set<() => void>();

function become(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection);

/** Notes how far the log is, from the answer to a command or from the stream. */
export function notePosition(position: string): void {
  const at = BigInt(position);
  if (seen === undefined || at > seen) seen = at;
}

/** For every read, so that it sees what is known here already. */
export const minPosition = (): { min_position?: string } => (seen === undefined ? {} : { min_position: String(seen) });

/** What reads are keyed by; an entry of the stream makes those stale that it concerns. */
export const keys = {
  approvals: ['approvals'],
  runs: ['runs'],
  run: (id: number) => ['run', id],
  timeline: (id: number) => ['timeline', id],
  then: (id: number, revision: number) => ['then', id, revision],
  deadLetters: ['dead-letters'],
  parked: ['parked'],
  pauses: ['pauses'],
  schedules: ['schedules'],
} as const;

function concerns(entry: LiveEntry): readonly (readonly unknown[])[] {
  const touched: (readonly unknown[])[] = [keys.runs, keys.run(entry.workflow_id)];
  const isEnd = entry.type === 'workflow_complete' || entry.type === 'workflow_failed' || entry.type === 'workflow_cancelled';
  if (entry.type.startsWith('approval_') || entry.type === 'workflow_cancelling' || isEnd) touched.push(keys.approvals);
  if (/^step_(dead_lettered|retry_requested|skipped|succeeded)$/.test(entry.type) || entry.type === 'workflow_cancelling' || isEnd)
    touched.push(keys.deadLetters);
  if (entry.type === 'workflow_started') touched.push(keys.schedules);
  if (entry.type.includes('parked') || isEnd) touched.push(keys.parked);
  return touched;
}

/** Follows all runs for as long as the page is there: one connection, resumed exactly where it was lost. */
export function followAllRuns(client: QueryClient): void {
  let source: EventSource | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const stale = new Map<string, readonly unknown[]>();

  const gather = (): void => {
    gathering = undefined;
    const all = [...stale.values()];
    stale.clear();
    for (const queryKey of all) void client.invalidateQueries({ queryKey });
  };

  const take = (message: MessageEvent<string>): void => {
    const entry = JSON.parse(message.data) as LiveEntry;
    notePosition(entry.position);
    client.setQueryData<readonly TimelineEvent[]>(keys.timeline(entry.workflow_id), (known) =>
      known === undefined || known.some(({ id }) => id === entry.id) ? known : [...known, entry],
    );
    for (const key of concerns(entry)) stale.set(JSON.stringify(key), key);
    gathering ??= setTimeout(gather, GATHER_MS);
  };

  const close = (): void => {
    source?.close();
    source = undefined;
  };

  const open = (): void => {
    if (source) return;
    become('connecting');
    const isResumed = seen !== undefined;
    const stream = new EventSource(isResumed ? `/api/stream?last_event_id=${seen}` : '/api/stream');
    source = stream;
    for (const type of TYPES) stream.addEventListener(type, take);
    stream.onopen = () => {
      become('live');
      void client.invalidateQueries();
    };
    stream.onerror = () => {
      become('away');
      if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
      close();
      setTimeout(() => document.visibilityState === 'visible' && open(), AGAIN_MS);
    };
  };

  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.visibilityState === 'visible') open();
    else hidden = setTimeout(close, HIDDEN_MS);
  });
  open();
}
