import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const NOT_COPIED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  'dist',
  'dist-bench',
  'dist-planted',
  'data',
  'data-demo',
  'coverage',
]);
/** Where the repository's own packages are linked from. */
const OWN_PACKAGES = '@lifeos';
/** A condition that a fault keeps from coming about is waited for this long in the copy, in milliseconds: the patience of the real tests would be minutes for each fault. */
const PATIENCE_MS = 15_000;
const PATIENCE = { file: 'packages/test-support/src/until.ts', text: 'ms = 60_000', replacement: `ms = ${PATIENCE_MS}` };

/** A copy of the sources, to be broken. Packages are linked: those of others to where they are, the repository's own to their copies. */
export class SourceCopy {
  private constructor(readonly folder: string) {}

  static async make(root: string): Promise<SourceCopy> {
    const copy = new SourceCopy(await mkdtemp(path.join(tmpdir(), 'planted-')));
    await cp(root, copy.folder, { recursive: true, filter: (source) => !NOT_COPIED.has(path.basename(source)) });
    await copy.link(path.join(root, 'node_modules'), path.join(copy.folder, 'node_modules'));
    const empty = path.join(root, 'dist', 'empty-database');
    // Initialising a database takes seconds of computing; what the build has made is as good.
    if (existsSync(empty))
      await mkdir(path.join(copy.folder, 'dist')).then(() => symlink(empty, path.join(copy.folder, 'dist', 'empty-database')));
    await mkdir(copy.temporary);
    await copy.change(PATIENCE.file, PATIENCE.text, PATIENCE.replacement);
    return copy;
  }

  /** For what the tests leave. */
  get temporary(): string {
    return path.join(this.folder, '.tmp');
  }

  /** Replaces a text that must be there once. Answers with how to put it back. */
  async change(file: string, text: string, replacement: string): Promise<() => Promise<void>> {
    const place = path.join(this.folder, file);
    const before = await readFile(place, 'utf8');
    const count = before.split(text).length - 1;
    if (count !== 1) throw new Error(`the text is in ${file} ${count} times, not once`);
    // Not by replace, which would read "$" in the replacement.
    await writeFile(place, before.split(text).join(replacement));
    return () => writeFile(place, before);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private async link(from: string, to: string): Promise<void> {
    await mkdir(to);
    for (const name of await readdir(from))
      if (name !== OWN_PACKAGES && name !== '.cache') await symlink(path.join(from, name), path.join(to, name));
    const own = path.join(to, OWN_PACKAGES);
    await mkdir(own);
    for (const name of await readdir(path.join(from, OWN_PACKAGES)))
      await symlink(path.join(this.folder, 'packages', name), path.join(own, name));
  }
}
