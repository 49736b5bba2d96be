import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api, type Approval, type ApprovalDetail, type TimelineEvent } from './client';
import { keys, minPosition } from './live';

/** Open requests that are read at most; a reader of more has other worries. */
const MOST_APPROVALS = 500;
/** Entries of a timeline that are read at most, and at once. */
const MOST_ENTRIES = 60_000;
const ENTRIES_AT_ONCE = 10_000;

const RISKS = ['L0', 'L1', 'L2', 'L3'];
/** Riskiest first, then the one that waits longest. */
const byUrgency = (one: Approval, other: Approval): number =>
  RISKS.indexOf(other.risk_level) - RISKS.indexOf(one.risk_level) ||
  one.requested_at.localeCompare(other.requested_at) ||
  one.approval_id - other.approval_id;

const getApproval = (id: number): Promise<ApprovalDetail> =>
  answerOf(api.GET('/api/approvals/{id}', { params: { path: { id }, query: minPosition() } }));

async function getOpen(): Promise<Approval[]> {
  const found: Approval[] = [];
  let cursor: string | null = null;
  do {
    const query = { ...minPosition(), status: 'required' as const, limit: 100, ...(cursor === null ? {} : { cursor }) };
    const page: { items: Approval[]; next_cursor: string | null } = await answerOf(api.GET('/api/approvals', { params: { query } }));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < MOST_APPROVALS);
  return found;
}

/** What waits for a decision; what was decided while somebody looks stays in its place, with who decided it. */
export const openApprovals = queryOptions<readonly Approval[]>({
  queryKey: [...keys.approvals, 'open'],
  queryFn: async ({ client, queryKey }) => {
    const open = await getOpen();
    const before = client.getQueryData<readonly Approval[]>(queryKey) ?? [];
    const gone = before.filter(({ approval_id }) => open.every((one) => one.approval_id !== approval_id)).slice(-50);
    const decided = await Promise.all(gone.map(async (one) => (one.status === 'required' ? getApproval(one.approval_id) : one)));
    return [...open, ...decided].sort(byUrgency);
  },
});

/** One request, and what a decision about it means. */
export const approval = (id: number) => queryOptions({ queryKey: [...keys.approvals, id], queryFn: () => getApproval(id) });

/** They begin and end with time, and not with an event of a run: nothing else tells of them. */
const ALERTS_EVERY_MS = 15_000;

export const alerts = queryOptions({
  queryKey: ['alerts'],
  queryFn: () => answerOf(api.GET('/api/alerts')),
  refetchInterval: ALERTS_EVERY_MS,
});

export const tools = queryOptions({
  queryKey: ['tools'],
  queryFn: () => answerOf(api.GET('/api/tools')),
  staleTime: 600_000,
});

export const run = (id: number) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: () => answerOf(api.GET('/api/workflows/{id}', { params: { path: { id }, query: minPosition() } })),
  });

/** A run as it was after a revision. It never changes: it is asked for once; what nobody waits for any more is given up. */
export const runThen = (id: number, revision: number) =>
  queryOptions({
    queryKey: keys.then(id, revision),
    queryFn: ({ signal }) => answerOf(api.GET('/api/workflows/{id}/state', { params: { path: { id }, query: { revision } }, signal })),
    staleTime: 'static',
    retry: false,
  });

/** The whole timeline of a run; the stream appends to it. */
export const timeline = (id: number) =>
  queryOptions<readonly TimelineEvent[]>({
    queryKey: keys.timeline(id),
    queryFn: async () => {
      const entries: TimelineEvent[] = [];
      let after: number | null | undefined;
      do {
        const query: { min_position?: string; after?: number; limit: number } = {
          ...minPosition(),
          limit: ENTRIES_AT_ONCE,
          ...(after != null && { after }),
        };
        const page: { events: TimelineEvent[]; next: number | null } = await answerOf(
          api.GET('/api/workflows/{id}/timeline', { params: { path: { id }, query } }),
        );
        entries.push(...page.events);
        after = page.next;
      } while (after != null && entries.length < MOST_ENTRIES);
      return entries;
    },
  });

export const deadLetters = infiniteQueryOptions({
  queryKey: keys.deadLetters,
  queryFn: ({ pageParam }) =>
    answerOf(
      api.GET('/api/dead-letters', { params: { query: { ...minPosition(), limit: 100, ...(pageParam && { cursor: pageParam }) } } }),
    ),
  initialPageParam: '',
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
});

export const parked = queryOptions({
  queryKey: keys.parked,
  queryFn: () => answerOf(api.GET('/api/parked', { params: { query: { ...minPosition(), limit: 100 } } })),
});

export const pauses = queryOptions({ queryKey: keys.pauses, queryFn: () => answerOf(api.GET('/api/pauses')) });
