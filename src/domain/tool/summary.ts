import type { Json, JsonObject } from '../json.js';
import { valueAt } from '../plan/data-flow.js';
import { pointerTokens, schemaAt } from '../plan/json-schema.js';
import type { ToolManifest } from './tool-manifest.js';

/** Longest text that an argument puts into a summary, and longest summary, in characters (code points). */
export const MAX_SUMMARY_VALUE = 80;
export const MAX_SUMMARY = 200;
/** Code units of an argument that are looked at: what comes after is cut in any case, unless they are blanks. */
const LOOKED_AT = 1_000;
const MOST_ITEMS = 20;

/** What could make a line look like something else: controls, line ends, invisible and bidirectional formatting (but for joiners, which scripts and emoji need), halves of pairs. */
const UNSEEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Stands for a place without a value while a text is put together: no value has it. */
const MISSING = '\0';
/** A missing place goes with the signs that led to it, or that enclose it. */
const AROUND_MISSING = /\s*\(\0\)|\s*"\0"|[\s:,;]*\0/g;

/** A place in a template, a part that may be left out, or text. */
const PARTS = /\{(?<place>[^{}[\]]*)\}|\[(?<section>[^[\]]*)\]|(?<text>[^{}[\]]+)|(?<stray>[{}[\]])/g;

function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest
    ? text
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

/** One line of a text that a person may trust to read as it is, at most so many characters (code points). */
export const lineOf = (text: string, longest = MAX_SUMMARY): string =>
  cut(
    text
      .slice(0, LOOKED_AT)
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
      .replace(UNSEEN, '')
      .replace(/\s+/g, ' ')
      .trim(),
    longest,
  );

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return lineOf(value, MAX_SUMMARY_VALUE);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return '';
  const items = (value as readonly Json[]).slice(0, MOST_ITEMS).map((item) => (Array.isArray(item) ? '' : textOf(item)));
  return cut(items.filter((item) => item !== '').join(', '), MAX_SUMMARY_VALUE);
}

/** The template with values in its places; undefined where it has places, and none of them a value. */
function filled(template: string, args: JsonObject): string | undefined {
  let places = 0;
  let missing = 0;
  const text = [...template.matchAll(PARTS)]
    .map(({ groups = {} }) => {
      const { place, section, text: literal = '' } = groups;
      if (section !== undefined) {
        const part = filled(section, args);
        return part === undefined || part.includes(MISSING) ? '' : part;
      }
      if (place === undefined) return literal;
      places += 1;
      const value = textOf(valueAt(args, pointerTokens(place) ?? []));
      if (value !== '') return value;
      missing += 1;
      return MISSING;
    })
    .join('');
  return places > 0 && missing === places ? undefined : text;
}

/**
 * How a call with these arguments reads for a person, at most `MAX_SUMMARY` characters in one line without controls; undefined where the tool does not say, or the
 * arguments have nothing of what it names.
 */
export function summaryOf({ summary }: Pick<ToolManifest, 'summary'>, args: JsonObject): string | undefined {
  const text = summary === undefined ? undefined : filled(summary, args);
  if (text === undefined) return undefined;
  return lineOf(text.replace(AROUND_MISSING, '')) || undefined;
}

/** Why what a tool declares for people can never work, in words; nothing where it may, or where none is declared. */
export function summaryProblem({ summary, shows = [], inputSchema }: ToolManifest): string | undefined {
  const places: string[] = [...shows];
  const visit = (template: string): string | undefined => {
    for (const { groups = {} } of template.matchAll(PARTS)) {
      const { place, section, stray } = groups;
      if (stray !== undefined) return `"${stray}" stands alone in its summary`;
      if (place !== undefined) places.push(place);
      if (section !== undefined) {
        if (!section.includes('{')) return `"[${section}]" has no place`;
        const problem = visit(section);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  };
  if (summary !== undefined && (summary === '' || summary !== lineOf(summary)))
    return `its summary is not one line of 1 to ${MAX_SUMMARY} plain characters`;
  const problem = summary === undefined ? undefined : visit(summary);
  if (problem !== undefined) return problem;
  for (const place of places) {
    const tokens = pointerTokens(place);
    if (!tokens || tokens.length === 0) return `"${place}" is not a JSON Pointer to an argument (it starts with "/")`;
    if (!schemaAt(inputSchema, tokens)) return `the tool takes no argument "${place}"`;
  }
  return undefined;
}
