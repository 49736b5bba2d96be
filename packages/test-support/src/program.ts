import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Compiles a TypeScript text, whose imports of `src/…` mean the product's sources, to a program of its own. Answers with the file to run. */
export async function programOf(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'program-'));
  const source = path.join(folder, 'program.ts');
  await writeFile(source, text);
  const file = path.join(folder, 'program.mjs');
  // Rolldown takes no options from the realm in which Jest runs a test, so it works in a process of its own.
  await run(process.execPath, ['packages/test-support/src/compile-program.mjs', source, file]);
  return file;
}
