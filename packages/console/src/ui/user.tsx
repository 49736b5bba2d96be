import { useId, useState, useSyncExternalStore } from 'react';
import styles from './form.module.css';

const KEY = 'lifeos.user';
const listeners = new Set<() => void>();
let asked: number | null = read();

function read(): number | null {
  try {
    const number = Number(localStorage.getItem(KEY));
    return Number.isSafeInteger(number) && number > 0 ? number : null;
  } catch {
    return null; // a browser may refuse to keep anything
  }
}

export function setUser(number: number | null): void {
  asked = number;
  try {
    if (number === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, String(number));
  } catch {
    // it is known for as long as the page is there
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Who sits here: the number under which decisions are recorded; null until it was asked for. */
export const useUser = (): number | null => useSyncExternalStore(subscribe, () => asked);

/** Asks once who it is; afterwards nothing is shown. */
export function WhoAreYou({ why }: { readonly why: string }) {
  const user = useUser();
  const [text, setText] = useState('');
  const id = useId();
  if (user !== null) return null;
  const number = Number(text);
  const isValid = /^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number);
  return (
    <form
      className={styles.who}
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) setUser(number);
      }}
    >
      <label htmlFor={id}>Your user number</label>
      <input id={id} inputMode="numeric" autoComplete="off" size={8} value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit" disabled={!isValid}>
        Keep it
      </button>
      <small>{why} It is kept in this browser.</small>
    </form>
  );
}
