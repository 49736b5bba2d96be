import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { queryOf, type Period } from './period';
import { answerOf, api } from './client';
import { minPosition } from './live';

/** Figures are of the past: those of an open page are read again this often, in milliseconds. */
const AGAIN_MS = 60_000;

const shared = { staleTime: AGAIN_MS / 2, refetchInterval: AGAIN_MS, placeholderData: keepPreviousData };

/** How the runs of a period ended, with the buckets that were asked for. */
export const runFigures = (period: Period) =>
  queryOptions({
    ...shared,
    queryKey: ['figures', 'runs', period],
    queryFn: async () => {
      const query = queryOf(period);
      const summary = await answerOf(api.GET('/api/analytics/summary', { params: { query: { ...query, ...minPosition() } } }));
      return { ...summary, bucket: query.bucket };
    },
  });

export const toolFigures = (period: Period) =>
  queryOptions({
    ...shared,
    queryKey: ['figures', 'tools', period],
    queryFn: () => {
      const { bucket: _, ...query } = queryOf(period);
      return answerOf(api.GET('/api/analytics/tools', { params: { query: { ...query, ...minPosition() } } }));
    },
  });

export const approvalFigures = (period: Period) =>
  queryOptions({
    ...shared,
    queryKey: ['figures', 'approvals', period],
    queryFn: () => {
      const { bucket: _, ...query } = queryOf(period);
      return answerOf(api.GET('/api/analytics/approvals', { params: { query: { ...query, ...minPosition() } } }));
    },
  });
