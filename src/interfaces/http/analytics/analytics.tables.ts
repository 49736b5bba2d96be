import type { z } from 'zod';
import type { approvalsSchema, summarySchema, toolsSchema } from './analytics.schemas.js';
import { csvOf, type CsvValue } from './csv.js';

/** The answers as tables, with the same numbers. What a member of an answer lists has rows of its own, which `row` tells from the others. */

const RUNS = ['ended', 'succeeded', 'failed', 'cancelled', 'success_rate', 'p50_ms', 'p95_ms'] as const;
const TOOL = ['start', 'end', 'tool', 'tool_version'] as const;
const ATTEMPTS = ['attempts', 'succeeded', 'failed', 'success_rate', 'p50_ms', 'p95_ms', 'attempts_per_success'] as const;
const RISK = ['start', 'end', 'risk_level', 'tool'] as const;
const REQUESTS = ['requested', 'approved', 'rejected', 'void', 'open', 'p50_ms', 'p95_ms'] as const;

const cells = <K extends string>(names: readonly K[], of: Readonly<Partial<Record<K, CsvValue>>>): CsvValue[] =>
  names.map((name) => of[name] ?? null);

export function summaryTable({ from, to, runs, buckets, ...answer }: z.infer<typeof summarySchema>): string {
  const codes = (row: 'failed_runs_by_code' | 'failed_attempts_by_code') =>
    answer[row].map(({ code, count }) => [row, from, to, ...cells(RUNS, {}), code, count]);
  return csvOf(
    ['row', 'start', 'end', ...RUNS, 'code', 'count'],
    [
      ['runs', from, to, ...cells(RUNS, runs), null, null],
      ...buckets.map((bucket) => ['bucket', bucket.start, bucket.end, ...cells(RUNS, bucket), null, null]),
      ...codes('failed_runs_by_code'),
      ...codes('failed_attempts_by_code'),
    ],
  );
}

export const toolsTable = ({ items }: z.infer<typeof toolsSchema>): string =>
  csvOf(
    ['row', ...TOOL, ...ATTEMPTS, 'code', 'count'],
    items.flatMap((item) => [
      ['tool', ...cells(TOOL, item), ...cells(ATTEMPTS, item), null, null],
      ...item.failures_by_code.map(({ code, count }) => ['failures_by_code', ...cells(TOOL, item), ...cells(ATTEMPTS, {}), code, count]),
    ]),
  );

export const approvalsTable = ({ items }: z.infer<typeof approvalsSchema>): string =>
  csvOf(
    ['row', ...RISK, ...REQUESTS, 'decided_by'],
    items.flatMap((item) => [
      ['approvals', ...cells(RISK, item), ...cells(REQUESTS, item), null],
      ...item.by_decider.map(({ decided_by: decidedBy, approved, rejected }) => [
        'by_decider',
        ...cells(RISK, item),
        ...cells(REQUESTS, { approved, rejected }),
        decidedBy,
      ]),
    ]),
  );
