import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode, type RefObject } from 'react';
import { Problem } from './states';
import styles from './virtual-list.module.css';

/** Shorter lists are drawn as a whole: the browser's search finds everything in them. */
const MOST_WHOLE = 100;
/** How many rows before the end of what is loaded more is asked for. */
const NEAR_END = 20;

const FOCUSABLE = 'a, button, article';

interface DrawnRow<Item> {
  readonly item: Item;
  readonly index: number;
  readonly key: string | number;
  /** Room of the rows before it that are not drawn (and between rows), in pixels. */
  readonly before: number;
}

interface Wanted<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string | number;
  /** Likely height of a row, in pixels; what is drawn is measured. */
  readonly height: number;
  readonly gap?: number;
  /** A row that is drawn wherever the page is scrolled to. */
  readonly kept?: number;
}

/** Where a list begins on the page; what is above it may grow. */
function useTop(box: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (box.current) setTop(Math.round(box.current.getBoundingClientRect().top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [box]);
  return top;
}

/**
 * The rows of a long list that are near the screen, in their order. The one with the focus is always among them, with its neighbours: the focus survives scrolling, and Tab leads on from it.
 * Rows stand in the flow of the page, with room left for those that are not drawn: a wrong guess of a height never makes two overlap.
 */
export function useDrawnRows<Item>({ items, keyOf, height, gap = 0, kept = -1 }: Wanted<Item>) {
  const box = useRef<HTMLElement>(null);
  const top = useTop(box);
  const [focused, setFocused] = useState<string | number>();
  const holder = focused === undefined ? -1 : items.findIndex((item) => keyOf(item) === focused);
  const rangeExtractor = (range: Range): number[] => {
    if (items.length <= MOST_WHOLE) return items.map((_, index) => index);
    const also = holder < 0 ? [kept] : [kept, holder - 1, holder, holder + 1];
    const drawn = new Set([...defaultRangeExtractor(range), ...also.filter((index) => index >= 0 && index < items.length)]);
    return [...drawn].sort((one, other) => one - other);
  };
  const virtual = useWindowVirtualizer<HTMLElement>({
    count: items.length,
    estimateSize: () => height,
    gap,
    overscan: 6,
    scrollMargin: top,
    getItemKey: (index) => keyOf(items[index]!),
    rangeExtractor,
  });
  const shown = virtual.getVirtualItems();
  const rows = shown.map(({ index, key, start }, at): DrawnRow<Item> => {
    const end = at === 0 ? top : shown[at - 1]!.end;
    return { item: items[index]!, index, key: key as string | number, before: Math.max(0, start - end) };
  });
  const after = Math.max(0, virtual.getTotalSize() + top - (shown.at(-1)?.end ?? top));
  return {
    box,
    rows,
    after,
    /** First and last row that is on the screen or nearly. */
    seen: virtual.range,
    measure: virtual.measureElement,
    handlers: {
      onFocus: ({ target }: FocusEvent<HTMLElement>): void => {
        const index = target.closest<HTMLElement>('[data-index]')?.dataset['index'];
        const item = index === undefined ? undefined : items[Number(index)];
        if (item !== undefined) setFocused(keyOf(item));
      },
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>): void => {
        if (!currentTarget.contains(relatedTarget)) setFocused(undefined);
      },
    },
  };
}

/** What is read of a list that comes in pages. */
interface MorePages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly isFetchNextPageError: boolean;
  readonly error: unknown;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** The way to what is not loaded yet. It is a button also where scrolling loads by itself: for the keyboard, and after a fault. */
function LoadMore(props: { readonly pages: MorePages; readonly button: RefObject<HTMLButtonElement | null>; readonly load: () => void }) {
  const { pages, button, load } = props;
  if (!pages.hasNextPage) return null;
  return (
    <div className={styles.more}>
      {pages.isFetchNextPageError && <Problem error={pages.error} />}
      {/* It keeps the focus while it loads: a button that is disabled would lose it. */}
      <button type="button" ref={button} aria-disabled={pages.isFetchingNextPage} onClick={() => !pages.isFetchingNextPage && load()}>
        {pages.isFetchingNextPage ? 'Loading…' : pages.isFetchNextPageError ? 'Try to load more again' : 'Load more'}
      </button>
    </div>
  );
}

/** Place of an item among all, counted from 1; the count is -1 where nobody knows it. */
export interface Place {
  readonly 'aria-posinset': number;
  readonly 'aria-setsize': number;
}

interface Given<Item> extends Wanted<Item> {
  readonly name: string;
  readonly className?: string | undefined;
  readonly itemClass?: string | undefined;
  /** A feed's items are articles, which are told their place; a list's are list items. */
  readonly as?: 'list' | 'feed';
  readonly pages?: MorePages;
  /** Told which items are on the screen. */
  readonly onSeen?: (from: number, to: number) => void;
  readonly children: (item: Item, place: Place) => ReactNode;
}

/** A list of any length on a page: only what is near the screen is in the document, and a screen reader hears of all. */
export function VirtualList<Item>(given: Given<Item>) {
  const { items, name, className, itemClass, as = 'list', pages, onSeen, children } = given;
  /** The row that gets the focus once it is there: the first one that was asked for with the button. */
  const [asked, setAsked] = useState<number>();
  const { box, rows, after, seen, measure, handlers } = useDrawnRows(asked === undefined ? given : { ...given, kept: asked });
  const [from, to] = [seen?.startIndex ?? 0, seen?.endIndex ?? 0];
  const tell = useEffectEvent(() => onSeen?.(from, to));
  const more = useRef<HTMLButtonElement>(null);
  const load = useEffectEvent(() => {
    // Who has come to the button by keyboard decides: it would go from under the focus.
    const isFree = more.current !== null && more.current !== document.activeElement;
    if (isFree && pages && !pages.isFetchingNextPage && !pages.isFetchNextPageError) void pages.fetchNextPage();
  });
  const isNearEnd = to >= items.length - NEAR_END;
  useEffect(() => tell(), [from, to, items]);
  useEffect(() => {
    // Not before somebody moves: who reaches what stands below the list by keyboard is not sent away from it.
    if (isNearEnd && scrollY > 0) load();
  }, [isNearEnd, to, items.length]);
  useEffect(() => {
    if (asked === undefined || asked >= items.length) return;
    box.current?.querySelector(`[data-index="${asked}"]`)?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
    setAsked(undefined);
  }, [asked, items.length, box]);
  const size = pages?.hasNextPage === true ? -1 : items.length;
  const List = as === 'list' ? 'ul' : 'div';
  const Item = as === 'list' ? 'li' : 'div';
  return (
    <>
      {items.length > 0 && (
        <List
          ref={(element: HTMLElement | null) => {
            box.current = element;
          }}
          role={as}
          aria-label={name}
          aria-busy={as === 'feed' ? pages?.isFetchingNextPage === true : undefined}
          className={`${styles.list} ${className ?? ''}`}
          style={{ paddingBlockEnd: after }}
          {...handlers}
        >
          {rows.map(({ item, index, key, before }) => {
            const place: Place = { 'aria-posinset': index + 1, 'aria-setsize': size };
            return (
              <Item
                key={key}
                ref={measure}
                data-index={index}
                className={itemClass}
                style={before === 0 ? undefined : { marginBlockStart: before }}
                {...(as === 'list' ? place : {})}
              >
                {children(item, place)}
              </Item>
            );
          })}
        </List>
      )}
      {pages && (
        <LoadMore
          pages={pages}
          button={more}
          load={() => {
            setAsked(items.length);
            void pages.fetchNextPage();
          }}
        />
      )}
    </>
  );
}
