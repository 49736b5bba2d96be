import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Step, TimelineEvent } from '../../api/client';
import { durationOf, timeInWords } from '../../ui/time';
import { visible, Words } from '../../ui/visible-text';
import { rowsOf, type Bar } from './bars';
import styles from './waterfall.module.css';

const ROW = 32;
const HEIGHT = 448;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

const WORDS: Readonly<Record<Bar['kind'], string>> = {
  attempt: 'Attempt',
  approval: 'Waits for an approval',
  retry: 'Waits for another attempt',
  limit: 'Waits for room or its tool',
  person: 'Waits for a decision',
};
const iso = (ms: number): string => new Date(ms).toISOString();

const sayOf = ({ kind, attempt, from, to, end }: Bar): string =>
  `${WORDS[kind]}${kind === 'attempt' && attempt !== undefined ? ` ${attempt}` : ''}${kind === 'attempt' && end !== 'open' ? ` ${end}` : ''}: ${durationOf(iso(from), iso(to))}${end === 'open' ? ' so far' : ''}`;

interface Props {
  readonly entries: readonly TimelineEvent[];
  readonly steps: readonly Step[];
  /** The time that it is for what is shown, where that is the past. */
  readonly now: number | undefined;
  readonly selected: number | undefined;
  readonly changed: ReadonlySet<number>;
  readonly select: (step: number) => void;
}

/** When each step ran and waited. Only the rows that are seen are drawn. */
export function Waterfall({ entries, steps, now, selected, changed, select }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const [clock, setClock] = useState(() => Date.now());
  const rows = useMemo(() => rowsOf(entries, now ?? clock), [entries, now, clock]);
  const isGoingOn = now === undefined && rows.some(({ bars }) => bars.at(-1)?.end === 'open');
  useEffect(() => {
    if (!isGoingOn) return undefined;
    const timer = setInterval(() => setClock(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isGoingOn]);
  const names = useMemo(() => new Map(steps.map(({ step_id, name }) => [step_id, name])), [steps]);
  const chosen = rows.findIndex(({ stepId }) => stepId === selected);
  const height = Math.min(HEIGHT, rows.length * ROW);
  const virtual = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW,
    overscan: 8,
    initialRect: { width: 0, height },
  });
  const show = useEffectEvent((index: number) => virtual.scrollToIndex(index, { align: 'auto' }));
  useEffect(() => {
    if (chosen >= 0) show(chosen);
  }, [chosen]);
  if (rows.length === 0) return <p>No step has begun.</p>;
  const begin = rows.reduce((least, { bars }) => Math.min(least, bars[0]!.from), Infinity);
  const end = rows.reduce((most, { bars }) => Math.max(most, bars.at(-1)!.to), begin + 1);
  const span = end - begin;
  const drawn = virtual.getVirtualItems();
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = rows[Math.max(0, Math.min(rows.length - 1, chosen + by))];
    if (by === 0 || !next) return;
    event.preventDefault();
    select(next.stepId);
  };
  return (
    <section aria-label="Waterfall" className={styles.waterfall}>
      <div className={styles.axis} aria-hidden>
        {TICKS.map((part) => (
          <small key={part}>
            {part === 0 ? timeInWords(iso(begin)) : `+${durationOf(iso(begin), iso(Math.round(begin + span * part)))}`}
          </small>
        ))}
      </div>
      <div
        ref={list}
        className={styles.rows}
        style={{ height }}
        role="listbox"
        aria-label="Steps in time"
        aria-activedescendant={drawn.some(({ index }) => index === chosen) ? `bar-${selected}` : undefined}
        tabIndex={0}
        onKeyDown={onKey}
      >
        <div style={{ height: rows.length * ROW }} role="presentation">
          {drawn.map(({ index, start }) => {
            const { stepId, bars } = rows[index]!;
            return (
              <div
                key={stepId}
                id={`bar-${stepId}`}
                role="option"
                aria-selected={stepId === selected}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                aria-label={`${visible(names.get(stepId) ?? '')}: ${bars.map(sayOf).join('; ')}`}
                className={`${styles.row} ${stepId === selected ? styles.selected : ''} ${changed.has(stepId) ? styles.changed : ''}`}
                style={{ top: start, height: ROW }}
                onClick={() => select(stepId)}
              >
                <span className={styles.name}>
                  <Words>{names.get(stepId) ?? `Step ${stepId}`}</Words>
                </span>
                <span className={styles.track}>
                  {bars.map((bar) => (
                    <span
                      key={`${bar.kind} ${bar.from}`}
                      title={sayOf(bar)}
                      className={`${styles.bar} ${bar.kind === 'attempt' ? (styles[bar.end] ?? '') : styles.waiting}`}
                      style={{ left: `${((bar.from - begin) / span) * 100}%`, width: `${((bar.to - bar.from) / span) * 100}%` }}
                    />
                  ))}
                </span>
              </div>
            );
          })}
        </div>
      </div>
      <p className={styles.legend}>
        <span className={`${styles.key} ${styles.succeeded}`} /> succeeded <span className={`${styles.key} ${styles.failed}`} /> failed{' '}
        <span className={`${styles.key} ${styles.open}`} /> running <span className={`${styles.key} ${styles.waiting}`} /> waiting
        {steps.length > rows.length && ` · ${steps.length - rows.length} of ${steps.length} steps have not begun`}
      </p>
    </section>
  );
}
