import type { LoggedEntry } from '../../../application/timeline/logged-entry.js';
import { textOf, type Frame } from './event-stream-response.js';

/** Frames of timeline entries, each encoded once for all who follow the same timeline. */
export class EntryFrames {
  readonly #texts = new WeakMap<LoggedEntry, string>();

  constructor(private readonly frameOf: (entry: LoggedEntry) => Frame) {}

  textOf(entry: LoggedEntry): string {
    let text = this.#texts.get(entry);
    if (text === undefined) this.#texts.set(entry, (text = textOf(this.frameOf(entry))));
    return text;
  }
}
