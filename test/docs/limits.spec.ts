import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { SETTINGS } from '../../src/infrastructure/config/environment.js';
import { PROBLEM_STATUS } from '../../src/interfaces/http/problems/problem-codes.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const document = await readFile(path.join(ROOT, 'docs/limits.md'), 'utf8');

const UNITS: Readonly<Record<string, number>> = { KiB: 1_024, MiB: 1_024 ** 2, 'Ki characters': 1_024, s: 1_000 };

const numberIn = (cell: string): number => {
  if (!/^\d{1,3}(,\d{3})*$/.test(cell)) throw new Error(`"${cell}" is no number`);
  return Number(cell.replaceAll(',', ''));
};

/** The rows of all tables with these columns. */
function rowsUnder(...columns: readonly string[]): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  let isWanted = false;
  for (const line of document.split('\n')) {
    if (!line.startsWith('|')) isWanted = false;
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (isWanted && !/^-+$/.test(cells[0]!)) found.push(cells);
    if (cells.join() === columns.join()) isWanted = true;
  }
  return found;
}

/** The number that an expression of the source stands for. */
function valueOf(node: ts.Expression, member: string | undefined): number {
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return valueOf(node.expression, member);
  if (member !== undefined && ts.isObjectLiteralExpression(node)) {
    for (const property of node.properties) {
      if (!ts.isPropertyAssignment(property)) continue;
      const { name, initializer } = property;
      if ((ts.isIdentifier(name) || ts.isStringLiteral(name)) && name.text === member) return valueOf(initializer, undefined);
    }
  }
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [valueOf(node.left, undefined), valueOf(node.right, undefined)];
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.AsteriskToken) return left * right;
    if (operator === ts.SyntaxKind.AsteriskAsteriskToken) return left ** right;
    if (operator === ts.SyntaxKind.MinusToken) return left - right;
  }
  throw new Error(`cannot tell what ${node.getText()} comes to`);
}

/** What a constant of a source file is; `A.b` is a member of an object. */
function constantIn(file: string, text: string, name: string): number {
  const dot = name.indexOf('.');
  const [constant, member] = dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
  for (const statement of ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: declared, initializer } of statement.declarationList.declarations) {
      if (initializer && ts.isIdentifier(declared) && declared.text === constant) return valueOf(initializer, member);
    }
  }
  throw new Error(`${file} has no constant ${name}`);
}

describe('docs/limits.md', () => {
  it.each(rowsUnder('limit', 'value', 'unit', 'set by', 'beyond it'))('knows the limit: %s (%s %s)', async (_, value, unit, setBy) => {
    const said = numberIn(value) * (UNITS[unit] ?? 1);
    const named = /^`([\w.]+)` in `([^`]+)`$/.exec(setBy);
    if (named) {
      const text = await readFile(path.join(ROOT, named[2]!), 'utf8');
      expect(constantIn(named[2]!, text, named[1]!)).toBe(said);
    } else {
      // A number in the midst of a schema, without a name.
      const text = await readFile(path.join(ROOT, /^`([^`]+)`$/.exec(setBy)![1]!), 'utf8');
      expect(text.match(/\b\d[\d_]*\b/g)!.map((digits) => Number(digits.replaceAll('_', '')))).toContain(said);
    }
  });

  it.each(rowsUnder('limit', 'default', 'unit', 'from', 'to', 'setting', 'beyond it'))(
    'knows the setting: %s (%s %s)',
    (_, standard, _unit, from, to, setting) => {
      const { schema } = SETTINGS[setting.replaceAll('`', '') as keyof typeof SETTINGS];
      const takes = (value: number): boolean => schema.safeParse(String(value)).success;
      expect(schema.parse(undefined)).toBe(standard === 'none' ? undefined : numberIn(standard));
      expect([takes(numberIn(from)), takes(numberIn(from) - 1)]).toEqual([true, false]);
      expect([takes(numberIn(to)), takes(numberIn(to) + 1)]).toEqual([true, false]);
    },
  );

  it('knows every page of the API', async () => {
    interface Operation {
      readonly parameters?: readonly { readonly name: string; readonly schema: { readonly default?: number; readonly maximum?: number } }[];
    }
    const { paths } = JSON.parse(await readFile(path.join(ROOT, 'docs/openapi.json'), 'utf8')) as {
      paths: Readonly<Record<string, { readonly get?: Operation }>>;
    };
    const pages = Object.entries(paths).flatMap(([route, { get }]) =>
      (get?.parameters ?? []).flatMap(({ name, schema }) => (name === 'limit' ? [[route, schema.default, schema.maximum]] : [])),
    );
    const said = rowsUnder('page', 'default', 'most').map(([route, standard, most]) => [
      route!.replaceAll('`', ''),
      numberIn(standard!),
      numberIn(most!),
    ]);
    expect(said.sort()).toEqual(pages.sort());
  });

  it('names problems with the status that they have', () => {
    const named = [...document.matchAll(/\b([45]\d\d) `([a-z.-]+)`/g)];
    expect(named.length).toBeGreaterThan(20);
    for (const [, status, code] of named)
      expect([code, (PROBLEM_STATUS as Readonly<Record<string, number>>)[code!]]).toEqual([code, Number(status)]);
  });
});
