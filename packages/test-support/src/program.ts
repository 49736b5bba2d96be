import { execFile } from 'node:child_process';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'program-'));
  // Where a program finds the packages that are not compiled into it, and the engine its version.
  for (const name of ['node_modules', 'package.json']) await symlink(path.resolve(name), path.join(folder, name));
  return folder;
}

async function compile(source: string, folder: string): Promise<string> {
  const file = path.join(folder, 'program.mjs');
  // Rolldown takes no options from the realm in which Jest runs a test, so it works in a process of its own.
  await run(process.execPath, ['packages/test-support/src/compile-program.mjs', source, file]);
  return file;
}

/** Compiles a TypeScript text, whose imports of `src/…` mean the product's sources, to a program of its own. Answers with the file to run. */
export async function programOf(text: string): Promise<string> {
  const folder = await newFolder();
  const source = path.join(folder, 'program.ts');
  await writeFile(source, text);
  return compile(source, folder);
}

/** The same for a file of the tests. @param source from the repository's root */
export const programFrom = async (source: string): Promise<string> => compile(path.resolve(source), await newFolder());
