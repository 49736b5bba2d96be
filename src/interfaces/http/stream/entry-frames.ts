import type { LoggedEntry } from '../../../application/timeline/logged-entry.js';
import { textOf, type Frame } from './event-stream-response.js';

/** Frames that are kept for other readers: those of the newest entries. */
const KEPT = 1_024;

/** Frames of timeline entries, each encoded once for all who follow the same timeline live. */
export class EntryFrames {
  /** By the log position of the entry, which is its alone. Insertion order is the order in which they were first asked for. */
  readonly #texts = new Map<number, string>();

  constructor(private readonly frameOf: (entry: LoggedEntry) => Frame) {}

  textOf(entry: LoggedEntry): string {
    const key = Number(entry.position);
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = textOf(this.frameOf(entry));
    this.#texts.set(key, text);
    if (this.#texts.size > KEPT) this.#texts.delete(this.#texts.keys().next().value!);
    return text;
  }
}
