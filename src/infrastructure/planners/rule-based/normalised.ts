/** Invisible characters that join, hyphenate or direct text: a word with one inside it is the same word. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|(?<!\p{Extended_Pictographic}\ufe0f?)\u200d/gu;
/** They stand for quoted pieces while an intent is read. */
const PRIVATE_USE = /[\ue000-\uf8ff]/g;
/** An item of a Markdown task list that is ticked: it is done already. */
const TICKED_ITEM = /(^|\n)[^\S\n]*(?:[-*+•–]|\d{1,2}[.)])?[^\S\n]*\[[xX]\][^\n]*/g;
const LIST_MARKER = /(^|\n)(?:[-*+•–]|\d{1,2}[.)]) (?:\[ ?\] ?)?|(^|\n)\[ ?\] /g;

/** One spelling of spaces, quotes, dots and list markers; nothing that a person meant is changed. */
export function normalised(intent: string): string {
  const text = intent
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(PRIVATE_USE, '')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
    .replace(/[\u2010\u2011\u2212]/g, '-')
    .replace(/\s*[\n\r\u2028\u2029]\s*/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(TICKED_ITEM, '$1')
    .replace(LIST_MARKER, '$1$2')
    // "…" says that a text was cut off or goes on: what stands before it is whole.
    .replace(/ ?(?:\u2026|\.{2,})/g, '. ')
    .trim();
  // Copied together with its quotes: nobody quotes all they say.
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1).trim() : text;
}
