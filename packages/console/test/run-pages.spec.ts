import fc from 'fast-check';
import { rejoined, type RunsPage } from '../src/api/run-pages';

type Read = RunsPage<{ readonly workflow_id: number }>;

const read = (log: readonly number[], cursor: string, limit: number): Read => {
  const left = log.filter((id) => cursor === '' || id < Number(cursor)).slice(0, limit + 1);
  const items = left.slice(0, limit).map((id) => ({ workflow_id: id }));
  return { items, next_cursor: left.length > limit ? String(items.at(-1)!.workflow_id) : null };
};

/** Reads so many pages as the query does: those that are known and were not asked for stay as they are. */
const readAll = (log: readonly number[], count: number, before: readonly Read[], limit: number): Read[] => {
  const known = new Map(before.map((page, index) => [index === 0 ? '' : before[index - 1]!.next_cursor, page]));
  const pages: Read[] = [];
  let asked: string | null = '';
  while (asked !== null && pages.length < count) {
    const stays: Read | undefined = asked === '' ? undefined : known.get(asked);
    const page: Read = stays ?? rejoined(read(log, asked, limit), before);
    pages.push(page);
    asked = page.next_cursor;
  }
  return pages;
};

describe('pages of runs that are read again', () => {
  it('have every run once and in order, however many are new', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 8 }), (first, news) => {
        let newest = first;
        const log = (): number[] => Array.from({ length: newest }, (_, index) => newest - index);
        let pages = readAll(log(), 4, [], 5);
        for (const more of news) {
          newest += more;
          pages = readAll(log(), pages.length, pages, 5);
          const ids = pages.flatMap(({ items }) => items.map(({ workflow_id: id }) => id));
          expect(ids).toEqual(log().slice(0, ids.length));
        }
      }),
    );
  });

  it('ask again for the first page and one more, not for those that are known', () => {
    const before = readAll([...Array(50).keys()].reverse(), 8, [], 5);
    const log = [...Array(52).keys()].reverse();
    const after = readAll(log, 8, before, 5);
    expect(after.filter((page) => !before.includes(page)).length).toBe(2);
    expect(after.slice(2)).toEqual(before.slice(1, 7));
  });
});
