const FIRST_STAND_IN = 0xe000;
const MOST_STAND_INS = 0x1900;
const STAND_IN = /[\ue000-\uf8ff]/g;

/**
 * An intent whose quoted pieces are each hidden behind one character, so that no rule reads a command, a time or a "not" in what a person has put in
 * quotes. The stand-ins are of Unicode's private use area, which `normalised` has removed from the intent itself.
 */
export class QuotedText {
  /** The intent with a stand-in for each quoted piece. */
  readonly text: string;
  private readonly pieces: string[] = [];

  constructor(intent: string) {
    this.text = intent.replace(/"([^"\n]*)"/g, (whole, piece: string) => {
      if (piece.trim() === '' || this.pieces.length === MOST_STAND_INS) return whole;
      this.pieces.push(piece.trim());
      return String.fromCharCode(FIRST_STAND_IN + this.pieces.length - 1);
    });
  }

  /** A part of `text` as the person wrote it. */
  written(text: string): string {
    return this.replaced(text, (piece) => `"${piece}"`);
  }

  /** A part of `text` as it is meant: what stood in quotes, without them. */
  meant(text: string): string {
    return this.replaced(text, (piece) => piece);
  }

  private replaced(text: string, of: (piece: string) => string): string {
    return text.replace(STAND_IN, (character) => of(this.pieces[character.charCodeAt(0) - FIRST_STAND_IN] ?? ''));
  }
}

/** Whether a word is a quoted piece. */
export const isQuoted = (word: string): boolean => /^[\ue000-\uf8ff]$/.test(word);
