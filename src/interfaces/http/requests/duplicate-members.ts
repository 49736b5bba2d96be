import type { FieldError } from '../problems/problem.js';
import { pointerTo } from './json-text.js';

/** An object or a list that the scan is inside of. */
interface Open {
  /** Names seen so far; undefined in a list. */
  readonly names: Set<string> | undefined;
  /** Where in it the scan is: the name of the member or the index of the item. */
  at: string | number;
}

/** Where the text of a string ends: its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A name as JSON means it: `"a"` and `"\u0061"` are one. */
const nameIn = (quoted: string): string => (quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1));

/**
 * The first member that an object has twice, or nothing. JSON.parse keeps the last of them, other readers the first (RFC 8259, section 4): whoever looked at
 * the text before it came here may have seen another request. Takes linear time and no stack, however deep the text is.
 * @param text that JSON.parse has taken
 */
export function duplicateMember(text: string): FieldError | undefined {
  const open: Open[] = [];
  let nameComes = false;
  for (let at = 0; at < text.length; at++) {
    const inside = open.at(-1);
    switch (text.charAt(at)) {
      case '{':
        open.push({ names: new Set(), at: '' });
        nameComes = true;
        break;
      case '[':
        open.push({ names: undefined, at: 0 });
        nameComes = false;
        break;
      case '}':
      case ']':
        open.pop();
        nameComes = false;
        break;
      case ',':
        if (typeof inside?.at === 'number') inside.at += 1;
        else nameComes = true;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (nameComes && inside?.names) {
          inside.at = nameIn(text.slice(at, end + 1));
          if (inside.names.has(inside.at)) return { field: pointerTo(open.map((one) => one.at)), message: 'is given more than once' };
          inside.names.add(inside.at);
          nameComes = false;
        }
        at = end;
        break;
      }
    }
  }
  return undefined;
}
