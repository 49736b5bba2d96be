import { createContext, useContext, useSyncExternalStore } from 'react';
import { TIME_ZONE } from '../api/period';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** A clock that ticks often enough for what is told in words. */
let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, 10_000);
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
/** The time that it is for what is shown, where that is the past; milliseconds since the epoch. */
export const Then = createContext<number | undefined>(undefined);
const useNow = (): number => {
  const real = useSyncExternalStore(subscribe, () => now);
  return useContext(Then) ?? real;
};

export const timeInWords = (at: string): string => full.format(new Date(at));

function inWords(seconds: number): string {
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return seconds > 5 ? 'in less than a minute' : 'just now';
}

/** "3 minutes ago"; the exact time on pointing at it. */
export function TimeAgo({ at }: { readonly at: string }) {
  const seconds = (Date.parse(at) - useNow()) / 1_000;
  return (
    <time dateTime={at} title={timeInWords(at)}>
      {inWords(seconds)}
    </time>
  );
}

export const lengthOf = (ms: number): string => {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${(ms / 86_400_000).toFixed(1)} d`;
};

export const durationOf = (from: string, to: string): string => lengthOf(Date.parse(to) - Date.parse(from));

/** "Mon, 14 Feb, 10:30" by the clocks of a time zone. */
export function ClockTime({ at, zone = TIME_ZONE }: { readonly at: string; readonly zone?: string }) {
  const text = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  }).format(new Date(at));
  return <time dateTime={at}>{text}</time>;
}

/** How long something has been so: "12 min". */
export function Since({ at }: { readonly at: string }) {
  const seconds = Math.max(0, (useNow() - Date.parse(at)) / 1_000);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ['second', 1];
  const text =
    unit === 'second' ? 'under 1 min' : `${Math.floor(seconds / size)} ${unit === 'minute' ? 'min' : unit === 'hour' ? 'h' : 'd'}`;
  return (
    <time dateTime={at} title={timeInWords(at)}>
      {text}
    </time>
  );
}
