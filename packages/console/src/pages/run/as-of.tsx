import { useEffect, useId, useState, type ReactNode } from 'react';
import type { TimelineEvent } from '../../api/client';
import { timeInWords } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import form from '../../ui/form.module.css';
import styles from './as-of.module.css';

/** How long the slider must have stood still before the run as of there is asked for, in milliseconds. */
const STILL_MS = 150;

/** The entry of an event, or else the last one before it: not every event has one. */
export const entryAt = (entries: readonly TimelineEvent[], revision: number): TimelineEvent | undefined =>
  entries.findLast(({ id }) => id <= revision);

/** Turns the page back to any event of the run, and forth again. */
export function AsOf(props: {
  readonly at: number | undefined;
  readonly last: number;
  readonly entries: readonly TimelineEvent[];
  readonly move: (revision: number | undefined) => Promise<void>;
  readonly children?: ReactNode;
}) {
  const { at, last, entries, move, children } = props;
  const id = useId();
  const [moved, setMoved] = useState<number>();
  useEffect(() => {
    if (moved === undefined) return undefined;
    const timer = setTimeout(() => {
      void move(moved).then(() => setMoved((now) => (now === moved ? undefined : now)));
    }, STILL_MS);
    return () => clearTimeout(timer);
    // Only where it was moved to counts: the page is drawn anew more often than that.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [moved]);
  const value = Math.min(moved ?? at ?? last, last);
  const isNow = moved === undefined && at === undefined;
  const entry = entryAt(entries, value);
  const says = entry?.id === value ? entry.message : 'A part of the plan is recorded';
  const time = entry && timeInWords(entry.at);
  const step = (by: number): void => setMoved(Math.max(0, Math.min(last, value + by)));
  return (
    <section className={styles.asOf} aria-label="As of">
      <label htmlFor={id}>As of</label>
      <input
        id={id}
        type="range"
        min={0}
        max={last}
        value={value}
        aria-valuetext={isNow ? 'now' : `event ${value} of ${last}, ${time ?? ''}: ${says}`}
        onChange={(event) => setMoved(Number(event.target.value))}
      />
      <div className={form.row}>
        <button type="button" aria-label="One event earlier" disabled={value === 0} onClick={() => step(-1)}>
          ‹
        </button>
        <button type="button" aria-label="One event later" disabled={isNow || value === last} onClick={() => step(1)}>
          ›
        </button>
        {!isNow && (
          <button
            type="button"
            className={form.primary}
            onClick={() => {
              setMoved(undefined);
              void move(undefined);
            }}
          >
            Back to now
          </button>
        )}
        {children}
      </div>
      <p className={styles.event}>
        {isNow ? (
          `Now, after ${last + 1} events`
        ) : (
          <>
            <Words>{says}</Words> <small>{time}</small>
          </>
        )}
      </p>
    </section>
  );
}
