import type { RunSummary } from './client';

type Numbered = Pick<RunSummary, 'workflow_id'>;

export interface RunsPage<Row extends Numbered = RunSummary> {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
  /** Something has happened since it was read. */
  readonly isOld?: boolean;
}

/**
 * A page that was read again, cut where a known page ends. New runs move what a page holds, and with it where the next one begins: so the pages after it would be others, and all would have to be read again.
 * Cut at the last known end that it holds, it leads to a page that is known.
 */
export function rejoined<Row extends Numbered>(page: RunsPage<Row>, known: readonly RunsPage<Row>[]): RunsPage<Row> {
  const [newest, oldest] = [page.items[0]?.workflow_id, page.items.at(-1)?.workflow_id];
  if (newest === undefined || oldest === undefined || page.next_cursor === null) return page;
  const ends = known.flatMap(({ items, next_cursor: cursor }) => {
    const id = items.at(-1)?.workflow_id;
    return id !== undefined && cursor !== null && id <= newest && id >= oldest ? [{ id, cursor }] : [];
  });
  const last = ends.reduce<(typeof ends)[number] | undefined>((least, end) => (least && least.id <= end.id ? least : end), undefined);
  if (!last) return page;
  return { ...page, items: page.items.filter(({ workflow_id: id }) => id >= last.id), next_cursor: last.cursor };
}
