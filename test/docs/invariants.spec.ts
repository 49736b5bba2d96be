import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CITATION = /\binvariants? (\d+(?:(?:, | and )\d+)*)/g;

/** A line of the document: its number, and the files in which it says that it is checked. */
interface Line {
  readonly number: string;
  readonly files: readonly string[];
}

async function documented(): Promise<readonly Line[]> {
  const text = await readFile(path.join(ROOT, 'docs/invariants.md'), 'utf8');
  return [...text.matchAll(/^\| (\d+) \| .* \| (.*) \|$/gm)].map(([, number, where]) => {
    const files = [...where!.matchAll(/`([^`]+)`/g)].map(([, file]) => file!);
    if (files.length === 0 && where !== 'none by number') throw new Error(`${number}: neither files nor "none by number", but ${where}`);
    return { number: number!, files };
  });
}

/** The numbers that each file of the tests cites. */
async function cited(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const packages = (await readdir(path.join(ROOT, 'packages'))).map((name) => `packages/${name}/test`);
  const found = new Map<string, ReadonlySet<string>>();
  for (const folder of ['test', ...packages]) {
    const entries = await readdir(path.join(ROOT, folder), { recursive: true }).catch(() => []);
    for (const entry of entries.filter((name) => name.endsWith('.ts'))) {
      const text = await readFile(path.join(ROOT, folder, entry), 'utf8');
      const numbers = [...text.matchAll(CITATION)].flatMap(([, list]) => list!.match(/\d+/g)!);
      if (numbers.length > 0) found.set(path.posix.join(folder, ...entry.split(path.sep)), new Set(numbers));
    }
  }
  return found;
}

describe('docs/invariants.md', () => {
  it('numbers its lines from 1, without a gap', async () => {
    const lines = await documented();
    expect(lines.map(({ number }) => Number(number))).toEqual(lines.map((_, index) => index + 1));
    expect(lines.length).toBeGreaterThan(0);
  });

  it('has every number that a test cites', async () => {
    const known = new Set((await documented()).map(({ number }) => number));
    const unknown = [...(await cited())].flatMap(([file, numbers]) =>
      [...numbers].filter((one) => !known.has(one)).map((one) => [file, one]),
    );
    expect(unknown).toEqual([]);
  });

  it('names no file as checking a line that the file does not cite', async () => {
    const citations = await cited();
    const wrong = (await documented()).flatMap(({ number, files }) => files.filter((file) => !citations.get(file)?.has(number)));
    expect(wrong).toEqual([]);
  });

  it('says of no line that no test cites it where one does', async () => {
    const citations = [...(await cited()).values()];
    const wrong = (await documented()).filter(
      ({ number, files }) => files.length === 0 && citations.some((numbers) => numbers.has(number)),
    );
    expect(wrong).toEqual([]);
  });
});
