import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const document = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');

/** The folders of the table, with what they hold. A name without a path stands beside the one before it. */
const rows = new Map<string, string>();
for (const [, names, holds] of document.matchAll(/^\| (`(?:src|packages|test|bench|docs)[^|]*) \| (.*) \|$/gm)) {
  let beside = '';
  for (const [, name] of names!.matchAll(/`([^`]+)`/g)) {
    const folder = beside === '' ? name! : `${beside}/${name}`;
    beside = path.posix.dirname(beside === '' ? name! : folder);
    rows.set(folder, holds!);
  }
}

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .map(({ name }) => `${folder}/${name}`);
const allFoldersIn = (folder: string): readonly string[] => foldersIn(folder).flatMap((one) => [one, ...allFoldersIn(one)]);

/** A folder has a row, or is named in the row of the nearest folder above it that has one. */
function isNamed(folder: string): boolean {
  if (rows.has(folder)) return true;
  let above = path.posix.dirname(folder);
  while (!rows.has(above) && above !== '.') above = path.posix.dirname(above);
  return rows.get(above)?.includes(`\`${path.posix.basename(folder)}/\``) ?? false;
}

describe('ARCHITECTURE.md', () => {
  it('has a row for every folder two levels deep', () => {
    const layers = foldersIn('src').flatMap(foldersIn);
    const wanted = ['src', 'bench', 'docs', ...layers, ...foldersIn('docs'), ...foldersIn('packages'), ...foldersIn('test')];
    expect(wanted.filter((folder) => !rows.has(folder))).toEqual([]);
  });

  it('names every folder below them', () => {
    const deeper = [...allFoldersIn('src'), ...allFoldersIn('bench')].filter(
      (folder) => folder.split('/').length !== 2 || !folder.startsWith('src'),
    );
    expect(deeper.filter((folder) => !isNamed(folder))).toEqual([]);
  });

  it('names no folder and no file that there is not', () => {
    const exists = (name: string): boolean => {
      try {
        return readdirSync(path.join(ROOT, path.dirname(name))).includes(path.basename(name));
      } catch {
        return false;
      }
    };
    expect([...rows.keys()].filter((folder) => !exists(folder))).toEqual([]);
    const files = [...document.matchAll(/`((?:src|test|packages)\/[^`*]+\.ts)`/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !exists(file))).toEqual([]);
  });
});

describe('CONTRIBUTING.md', () => {
  it('names no file that there is not', () => {
    const recipes = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
    const all = ['src', 'test'].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    );
    const named = [...recipes.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => file!);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((file) => !all.some((one) => one === file || one.endsWith(`/${file}`)))).toEqual([]);
  });
});
