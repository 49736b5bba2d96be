import type { Clause, Moment, Reading, Rule } from './rule.js';

/** Parts beyond this are not looked at: the number of ways to join them must stay small. */
const MAX_PARTS = 120;
/** Most parts of one clause: a long shopping list. */
const MAX_CLAUSE_PARTS = 40;

const WORD_EDGE = { before: '(?<![\\p{L}\\p{N}@._-])', after: '(?![\\p{L}\\p{N}@_-])' };
const SEPARATOR = new RegExp(
  `(?:\\s*(?:(?<!\\d),|,(?!\\d)|[;\\n]|[.!?](?=\\s|$)|(?<=\\s)[&+](?=\\s)|${WORD_EDGE.before}(?:and|then|next(?=,)|plus|also|afterwards|after that|subsequently|followed by|as well as)${WORD_EDGE.after}))+\\s*`,
  'giu',
);
const DIVIDER = /[;\n.!?]|then|next|after|subsequently|followed/i;
/** Says that what follows it waits for what came before. */
const IN_ORDER = /then|next|after|subsequently|followed/i;
/** The same, said at the beginning of a wish. */
const LAST = /^\W*(?:finally|lastly)(?=[\s,])/i;

const DECORATION = /^[\p{Extended_Pictographic}\u200d\ufe0f\s"'()*:,-]+(?=[\p{L}\p{N}])/u;
const TRAILING_DECORATION = /[\p{Extended_Pictographic}\u200d\ufe0f\s:,]+$/u;
const POLITE_START =
  /^(?:please|pls|kindly|hey|hi|hello|ok|okay|so|first(?:ly)?(?: of all)?|finally|lastly|just|can you|could you|would you|will you|i want(?: you)? to|i'd like(?: you)? to|i would like(?: you)? to|i need(?: you)? to|i have to|help me(?: to)?|let's|let us|remember to|don't forget to)(?=[\s,]|$)[\s,]*/i;
const POLITE_END = /[\s,]*\b(?:please|pls|thanks|thank you|thx)$/i;

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
  /** Whether it comes after what stands before it, in time too. */
  readonly inOrder: boolean;
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let start = 0;
  let divided = false;
  let inOrder = false;
  const push = (end: number): void => {
    const whole = text.slice(start, end);
    if (end > start) parts.push({ start, end, text: plain(whole), divided, inOrder: inOrder || LAST.test(whole) });
  };
  for (const found of text.matchAll(SEPARATOR)) {
    push(found.index);
    const isFirst = parts.length === 0;
    divided = DIVIDER.test(found[0]) || (isFirst && divided);
    inOrder = IN_ORDER.test(found[0]) || (isFirst && inOrder);
    start = found.index + found[0].length;
  }
  push(text.length);
  return parts;
}

/** What the rules make of a wish, and whether it waits for those before it. */
export interface Wish {
  readonly reading: Reading;
  readonly inOrder: boolean;
}

/** What the rules make of an intent: wishes in its order, and the parts that no rule understands, in its own words. */
export interface Understanding {
  readonly wishes: readonly Wish[];
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

function readingOf(clause: Clause, rules: readonly Rule[], moment: Moment): Reading | undefined {
  let refusal: Reading | undefined;
  for (const rule of rules) {
    const reading = rule.read(clause, moment);
    if (reading?.kind === 'understood') return reading;
    refusal ??= reading;
  }
  return refusal;
}

/**
 * Divides a normalised intent into clauses so that as little as possible remains unexplained, then so that the fewest are refused, then into as many as
 * possible: "buy milk and eggs" is one wish, "buy milk and go running every day" are two.
 */
export function understand(text: string, rules: readonly Rule[], moment: Moment): Understanding {
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
      const reading = readingOf({ text: plain(whole), words: withoutStart(whole), parts: [...span], divided }, rules, moment);
      if (!reading) continue;
      const rest = covers[to + 1]!;
      const refused = rest.refused + (reading.kind === 'refused' ? 1 : 0);
      const cover: Cover = { unexplained: rest.unexplained, refused, clauses: rest.clauses + 1, next: to + 1, reading };
      if (isBetter(cover, best)) best = cover;
    }
    covers[from] = best;
  }

  const wishes: Wish[] = [];
  const gaps: { start: number; end: number; next: number }[] = [];
  let inOrder = false;
  for (let at = 0; at < parts.length;) {
    const { reading, next } = covers[at]!;
    inOrder ||= parts[at]!.inOrder;
    if (reading === 'unexplained') {
      const last = gaps.at(-1);
      if (last?.next === at) Object.assign(last, { end: parts[at]!.end, next });
      else gaps.push({ start: parts[at]!.start, end: parts[at]!.end, next });
    } else if (reading !== 'nothing') {
      wishes.push({ reading, inOrder });
      inOrder = false;
    }
    at = next;
  }
  const beyond = all[MAX_PARTS];
  return {
    wishes,
    unexplained: [...gaps.map(({ start, end }) => text.slice(start, end)), ...(beyond ? [text.slice(beyond.start)] : [])],
  };
}
