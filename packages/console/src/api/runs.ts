import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import { answerOf, api, type RunState, type RunSummary, type WaitKind } from './client';
import { keys, minPosition } from './live';
import { rejoined, type RunsPage } from './run-pages';

export interface RunsFilter {
  readonly state?: RunState | undefined;
  readonly q?: string | undefined;
  readonly waiting_for?: WaitKind | 'anything' | undefined;
  readonly schedule_id?: number | undefined;
}

/** Runs that are read at once. */
const AT_ONCE = 100;

/** Numbers of the first and the last run that somebody looks at: the newest first. */
export type SeenRuns = readonly [newest: number, oldest: number];

const isSeen = ({ items }: RunsPage, seen: SeenRuns | undefined): boolean => {
  const [newest, oldest] = [items[0]?.workflow_id, items.at(-1)?.workflow_id];
  return seen === undefined || newest === undefined || oldest === undefined || (newest >= seen[1] && oldest <= seen[0]);
};

/** Runs in pages, the newest first. When they become stale, the first page is read again and those that somebody looks at: of thousands that were scrolled through, one event would ask for all again. */
export const runs = ({ state, q, waiting_for, schedule_id }: RunsFilter, seenNow: () => SeenRuns | undefined) =>
  infiniteQueryOptions({
    queryKey: [...keys.runs, state, q, waiting_for, schedule_id],
    queryFn: async ({ pageParam, client, queryKey }): Promise<RunsPage> => {
      const data = client.getQueryData<InfiniteData<RunsPage, string>>(queryKey);
      const known = data?.pages[data.pageParams.indexOf(pageParam)];
      if (known && pageParam !== '' && !isSeen(known, seenNow())) return known.isOld ? known : { ...known, isOld: true };
      const query = {
        ...minPosition(),
        limit: AT_ONCE,
        ...(state && { state }),
        ...(q && { q }),
        ...(waiting_for && { waiting_for }),
        ...(schedule_id !== undefined && { schedule_id }),
        ...(pageParam && { cursor: pageParam }),
      };
      const page: { items: RunSummary[]; next_cursor: string | null } = await answerOf(api.GET('/api/workflows', { params: { query } }));
      return rejoined(page, data?.pages ?? []);
    },
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
