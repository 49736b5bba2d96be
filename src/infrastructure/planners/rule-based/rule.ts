import type { PlanDraft } from './plan-draft.js';

/** A part of an intent that may be one wish. */
export interface Clause {
  /** Without politeness and decoration at its ends. */
  readonly text: string;
  /** The same with what stood at its end: for rules that pass on a person's own words. */
  readonly words: string;
  /** The clause divided at commas, "and" and so on, each part as `text` is. */
  readonly parts: readonly string[];
  /** Whether a full stop, semicolon, line break or "then" stands between parts. */
  readonly divided: boolean;
}

/** What a rule makes of a clause that is its own: steps, or a reason why it cannot plan it (a sentence). */
export type Reading =
  | { readonly kind: 'understood'; readonly addTo: (draft: PlanDraft) => void }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** When and where an intent was stated, which words such as "tomorrow" and "this week" depend on. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly instant: number;
  /** The person's, an IANA name. */
  readonly timeZone: string;
}

export interface Rule {
  /** An intent that it understands, for people. */
  readonly example: string;
  /** Reads a clause as a whole; undefined where any of it remains unexplained, so that nothing a person wants is dropped in silence. */
  read(clause: Clause, moment: Moment): Reading | undefined;
}

export const refused = (code: string, reason: string): Reading => ({ kind: 'refused', code, reason });

/** Stands where something was taken out of a text, so that what remains on both sides is not read as one. */
const GAP = '\u001f';

/** Takes what a text says of one thing out of it: what is left at the end is what nobody has understood. */
export class Remainder {
  constructor(public text: string) {}

  /** What is left, as one text. */
  get joined(): string {
    return this.pieces.join(' ');
  }

  /** What is left, divided where something was taken out. */
  get pieces(): readonly string[] {
    return this.text
      .split(GAP)
      .map((piece) => piece.trim())
      .filter((piece) => piece !== '');
  }

  /** The first match, removed from the text. The pattern must not be global. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.cut(found.index, found[0].length);
    return found;
  }

  /** Removes what stands at a place. */
  cut(index: number, length: number): void {
    this.text = `${this.text.slice(0, index)} ${GAP} ${this.text.slice(index + length)}`
      .replace(/\s+/g, ' ')
      .replace(/^[ \u001f]+|[ \u001f]+$/g, '');
  }
}

const COMMANDS =
  /^(?:apply|book|build|buy|call|cancel|check|clean|compose|cook|create|dance|delete|do|e-?mail|find|fix|get|go|invite|learn|look|mail|make|order|pay|plan|play|prepare|read|remind|repair|schedule|search|sell|send|sing|submit|tailor|take|tell|translate|update|visit|wash|watch|write)\b/i;

/** Whether a text begins as a wish of its own does. */
export const beginsWithCommand = (text: string): boolean => COMMANDS.test(text);
