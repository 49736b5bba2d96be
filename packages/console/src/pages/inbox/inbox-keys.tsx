import { useEffect, useRef, useState, type RefObject } from 'react';
import styles from './inbox.module.css';

const KEYS = [
  ['j or ↓', 'next card'],
  ['k or ↑', 'card before'],
  ['a', 'approve; for high risk press it a second time'],
  ['r', 'reject, after asking why'],
  ['x', 'choose, to decide about several at once'],
  ['Esc', 'leave what was begun'],
  ['?', 'show or hide these keys'],
] as const;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"])') || target.closest('dialog') !== null);

/** Moves between the cards in it, and presses what is marked with a key (`data-key`) in the one that has the focus. */
export function useInboxKeys(cards: RefObject<HTMLElement | null>) {
  const [isHelpOpen, setHelpOpen] = useState(false);
  const last = useRef(0);
  useEffect(() => {
    const all = (): HTMLElement[] => [...(cards.current?.querySelectorAll<HTMLElement>('article') ?? [])];
    const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>('article') ?? null;
    const placeOf = (card: HTMLElement): number => Number(card.ariaPosInSet ?? 1);
    const move = (by: number): void => {
      const found = all();
      const here = current();
      const from = here === null ? last.current : placeOf(here);
      // Of a long list not all are drawn: the one that is meant, or else the nearest.
      const near = (card: HTMLElement): number => Math.abs(placeOf(card) - (from + by));
      const to = found.reduce<HTMLElement | undefined>((best, card) => (best && near(best) <= near(card) ? best : card), undefined);
      to?.focus({ preventScroll: true });
      to?.scrollIntoView({ block: to.offsetHeight > innerHeight * 0.8 ? 'start' : 'nearest' });
    };
    const press = (key: string): void => {
      const button = current()?.querySelector<HTMLElement>(`[data-key="${key}"]`);
      button?.focus();
      button?.click();
    };
    const onFocus = (): void => {
      const here = current();
      if (here) last.current = placeOf(here);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isArrow = event.key === 'ArrowDown' || event.key === 'ArrowUp';
      // What can be scrolled is scrolled.
      if (isArrow && event.target instanceof HTMLElement && event.target.matches('pre, ul')) return;
      if (event.key === 'j' || event.key === 'ArrowDown') move(1);
      else if (event.key === 'k' || event.key === 'ArrowUp') move(-1);
      else if (event.repeat) return;
      else if (event.key === '?') setHelpOpen((known) => !known);
      else if (event.key === 'Escape') setHelpOpen(false);
      else if (event.key === 'a' || event.key === 'r' || event.key === 'x') press(event.key);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('focusin', onFocus);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('focusin', onFocus);
    };
  }, [cards]);
  return { isHelpOpen, toggleHelp: () => setHelpOpen((known) => !known) };
}

export const KeysHelp = () => (
  <section className={styles.keys} aria-label="Keys">
    <dl>
      {KEYS.map(([key, does]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
    <small>They are keys only while nobody types in a field.</small>
  </section>
);
