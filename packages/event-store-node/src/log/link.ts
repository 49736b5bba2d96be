import type { EventRecord } from './event-record.js';

export const LINK_TYPE = '$>';

/** An event as a reader gets it: through a link, both are shown; `event` is absent where the link's target is gone. */
export interface ResolvedEvent {
  readonly event: EventRecord | undefined;
  readonly link: EventRecord | undefined;
}

export interface LinkTarget {
  readonly stream: string;
  /** −1 stands for the last event. */
  readonly revision: number;
}

/** The target of a link event (`revision@stream`), or undefined where the record is no link, or a badly written one. */
export function linkTarget(record: EventRecord): LinkTarget | undefined {
  if (record.type !== LINK_TYPE) return undefined;
  const text = record.data.toString('utf8');
  const at = text.indexOf('@');
  if (at < 0 || !/^\s*[+-]?\d+\s*$/.test(text.slice(0, at))) return undefined;
  return { revision: Number(text.slice(0, at)), stream: text.slice(at + 1) };
}
