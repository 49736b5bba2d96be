/** Where the parts of a JSON text are, by line from 1 on, and what is wrong with it. */
export interface JsonLines {
  /** The line at which what a JSON Pointer names begins: a member at its name. Where there is none, that of the nearest thing around it. */
  readonly lineOf: (pointer: string) => number;
  /** The first thing that is wrong with the text. */
  readonly fault: { readonly line: number; readonly message: string } | undefined;
}

/** Deeper is not looked into. */
const DEEPEST = 500;

const TOKEN =
  /[ \t\n\r]*(?:(?<mark>[{}[\],:])|(?<text>"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?<other>(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])))/y;
const BLANK = /[ \t\n\r]*/y;

interface Token {
  readonly at: number;
  readonly text: string;
  readonly kind: 'mark' | 'text' | 'other';
}

class Fault extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export function jsonLines(source: string): JsonLines {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };

  const places = new Map<string, number>();
  let at = 0;
  const fail = (message: string, where: number): never => {
    throw new Fault(message, where);
  };
  const next = (expected: string): Token => {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) {
      BLANK.lastIndex = at;
      BLANK.exec(source);
      const where = BLANK.lastIndex;
      if (where === source.length) return fail(`the text ends where ${expected} should be`, where);
      if (source[where] === '"') return fail('this text in quotation marks does not end, or has a character that must be escaped', where);
      return fail(`there should be ${expected}`, where);
    }
    at = TOKEN.lastIndex;
    const kind = groups['mark'] !== undefined ? 'mark' : groups['text'] !== undefined ? 'text' : 'other';
    const text = groups[kind]!;
    return { at: at - text.length, text, kind };
  };
  /** @returns whether there is another one */
  const another = (end: string): boolean => {
    const expected = `a comma or ${end}`;
    const token = next(expected);
    return token.text === ',' || (token.text === end ? false : fail(`there should be ${expected}`, token.at));
  };
  const isNext = (mark: string): boolean => {
    BLANK.lastIndex = at;
    BLANK.exec(source);
    if (source[BLANK.lastIndex] !== mark) return false;
    at = BLANK.lastIndex + 1;
    return true;
  };

  const object = (pointer: string, depth: number): void => {
    if (isNext('}')) return;
    const names = new Set<string>();
    do {
      const name = next('a name in quotation marks');
      if (name.kind !== 'text') fail('there should be a name in quotation marks', name.at);
      const key = JSON.parse(name.text) as string;
      if (names.has(key)) fail(`${name.text} is there twice`, name.at);
      names.add(key);
      const inner = `${pointer}/${escaped(key)}`;
      places.set(inner, name.at);
      const colon = next('a colon');
      if (colon.text !== ':') fail('there should be a colon', colon.at);
      value(inner, depth);
    } while (another('}'));
  };
  const array = (pointer: string, depth: number): void => {
    if (isNext(']')) return;
    let index = 0;
    do value(`${pointer}/${index}`, depth);
    while ((index++, another(']')));
  };
  const value = (pointer: string, depth: number): void => {
    const token = next('a value');
    if (!places.has(pointer)) places.set(pointer, token.at);
    if (token.kind !== 'mark') return;
    if (depth > DEEPEST) fail('this is nested too deeply', token.at);
    if (token.text === '{') object(pointer, depth + 1);
    else if (token.text === '[') array(pointer, depth + 1);
    else fail('there should be a value', token.at);
  };

  const faultOf = (): JsonLines['fault'] => {
    try {
      value('', 0);
      BLANK.lastIndex = at;
      BLANK.exec(source);
      if (BLANK.lastIndex < source.length) fail('there should be nothing after the value', BLANK.lastIndex);
      return undefined;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { line: lineAt(error.at), message: error.message };
    }
  };
  const fault = faultOf();
  return {
    fault,
    lineOf: (pointer) => {
      for (let part = pointer; ; part = part.slice(0, part.lastIndexOf('/'))) {
        const place = places.get(part);
        if (place !== undefined) return lineAt(place);
        if (!part.includes('/')) return 1;
      }
    },
  };
}
