import type { Clause, Reading, Rule } from './rule.js';

/** Parts beyond this are not looked at: the number of ways to join them must stay small. */
const MAX_PARTS = 120;
/** Most parts of one clause: a long shopping list. */
const MAX_CLAUSE_PARTS = 40;

const WORD_EDGE = { before: '(?<![\\p{L}\\p{N}@._-])', after: '(?![\\p{L}\\p{N}@_-])' };
const SEPARATOR = new RegExp(
  `(?:\\s*(?:(?<!\\d),|,(?!\\d)|[;\\n]|[.!?](?=\\s|$)|(?<=\\s)[&+](?=\\s)|${WORD_EDGE.before}(?:and|then|plus|also|afterwards|after that|as well as)${WORD_EDGE.after}))+\\s*`,
  'giu',
);
const DIVIDER = /[;\n.!?]|then|after/i;

const DECORATION = /^[\p{Extended_Pictographic}\u200d\ufe0f\s"'()*:,-]+(?=[\p{L}\p{N}])/u;
const TRAILING_DECORATION = /[\p{Extended_Pictographic}\u200d\ufe0f\s:,]+$/u;
const POLITE_START =
  /^(?:please|pls|kindly|hey|hi|hello|ok|okay|so|first|firstly|finally|just|can you|could you|would you|will you|i want(?: you)? to|i'd like(?: you)? to|i would like(?: you)? to|i need(?: you)? to|i have to|help me(?: to)?|let's|let us|remember to|don't forget to)(?=[\s,]|$)[\s,]*/i;
const POLITE_END = /[\s,]*\b(?:please|pls|thanks|thank you|thx)$/i;

/** One spelling of spaces, quotes and list markers; nothing that a person meant is changed. */
export const normalised = (intent: string): string =>
  intent
    .normalize('NFC')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/\s*[\n\r\u2028]\s*/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/(^|\n)(?:[-*•–]|\d{1,2}[.)]) /g, '$1')
    .trim();

function withoutStart(text: string): string {
  let rest = text.trim();
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replace(DECORATION, '').replace(POLITE_START, '');
  }
  return rest;
}

const plain = (text: string): string =>
  withoutStart(text).replace(TRAILING_DECORATION, '').replace(POLITE_END, '').replace(TRAILING_DECORATION, '');

interface Part {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Whether what separates it from the part before is more than a comma or "and". */
  readonly divided: boolean;
}

function partsOf(text: string): readonly Part[] {
  // What is in quotes is one piece: hidden behind as many letters, so that places stay the same.
  const masked = text.replace(/"[^"\n]*"/g, (quoted) => 'x'.repeat(quoted.length));
  const parts: Part[] = [];
  let start = 0;
  let divided = false;
  const push = (end: number): void => {
    if (end > start) parts.push({ start, end, text: plain(text.slice(start, end)), divided });
  };
  for (const found of masked.matchAll(SEPARATOR)) {
    push(found.index);
    divided = DIVIDER.test(found[0]) || (parts.length === 0 && divided);
    start = found.index + found[0].length;
  }
  push(text.length);
  return parts;
}

/** What the rules make of an intent: readings in its order, and the parts that no rule understands, in its own words. */
export interface Understanding {
  readonly readings: readonly Reading[];
  readonly unexplained: readonly string[];
}

interface Cover {
  readonly unexplained: number;
  readonly refused: number;
  readonly clauses: number;
  /** Where the rest of the cover begins. */
  readonly next: number;
  readonly reading: Reading | 'unexplained' | 'nothing';
}

const isBetter = (a: Cover, b: Cover): boolean =>
  a.unexplained !== b.unexplained ? a.unexplained < b.unexplained : a.refused !== b.refused ? a.refused < b.refused : a.clauses > b.clauses;

function readingOf(clause: Clause, rules: readonly Rule[]): Reading | undefined {
  let refusal: Reading | undefined;
  for (const rule of rules) {
    const reading = rule.read(clause);
    if (reading?.kind === 'understood') return reading;
    refusal ??= reading;
  }
  return refusal;
}

/**
 * Divides a normalised intent into clauses so that as little as possible remains unexplained, then so that the fewest are refused, then into as many as
 * possible: "buy milk and eggs" is one wish, "buy milk and go running every day" are two.
 */
export function understand(text: string, rules: readonly Rule[]): Understanding {
  const all = partsOf(text);
  const parts = all.slice(0, MAX_PARTS);
  const covers: Cover[] = new Array<Cover>(parts.length + 1);
  covers[parts.length] = { unexplained: 0, refused: 0, clauses: 0, next: parts.length, reading: 'nothing' };
  for (let from = parts.length - 1; from >= 0; from--) {
    const { text: first, start, end } = parts[from]!;
    const after = covers[from + 1]!;
    // A part that was only politeness asks for nothing.
    let best: Cover =
      first === ''
        ? { ...after, next: from + 1, reading: 'nothing' }
        : { ...after, unexplained: after.unexplained + end - start, next: from + 1, reading: 'unexplained' };
    const span: string[] = [];
    let divided = false;
    for (let to = from; first !== '' && to < Math.min(parts.length, from + MAX_CLAUSE_PARTS); to++) {
      span.push(parts[to]!.text);
      divided ||= to > from && parts[to]!.divided;
      const whole = text.slice(start, parts[to]!.end);
      const reading = readingOf({ text: plain(whole), words: withoutStart(whole), parts: [...span], divided }, rules);
      if (!reading) continue;
      const rest = covers[to + 1]!;
      const refused = rest.refused + (reading.kind === 'refused' ? 1 : 0);
      const cover: Cover = { unexplained: rest.unexplained, refused, clauses: rest.clauses + 1, next: to + 1, reading };
      if (isBetter(cover, best)) best = cover;
    }
    covers[from] = best;
  }

  const readings: Reading[] = [];
  const gaps: { start: number; end: number; next: number }[] = [];
  for (let at = 0; at < parts.length;) {
    const { reading, next } = covers[at]!;
    if (reading === 'unexplained') {
      const last = gaps.at(-1);
      if (last?.next === at) Object.assign(last, { end: parts[at]!.end, next });
      else gaps.push({ start: parts[at]!.start, end: parts[at]!.end, next });
    } else if (reading !== 'nothing') readings.push(reading);
    at = next;
  }
  const beyond = all[MAX_PARTS];
  return {
    readings,
    unexplained: [...gaps.map(({ start, end }) => text.slice(start, end)), ...(beyond ? [text.slice(beyond.start)] : [])],
  };
}
