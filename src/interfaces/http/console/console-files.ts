import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A built file of the console, as it is sent. */
export interface ConsoleFile {
  readonly type: string;
  readonly body: Buffer;
}

/** The built console. Everything is read at the start: what a request names is looked up here, and never on the disk. */
export interface ConsoleFiles {
  readonly page: ConsoleFile;
  /** By their path in an address, such as `/assets/index-1a2b3c.js`. */
  readonly assets: ReadonlyMap<string, ConsoleFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** @returns undefined where the console is not built */
export function readConsole(folder: string): ConsoleFiles | undefined {
  const page = path.join(folder, 'index.html');
  if (!existsSync(page)) return undefined;
  const assets = new Map<string, ConsoleFile>();
  for (const name of readdirSync(path.join(folder, 'assets'))) {
    const type = TYPES[path.extname(name)];
    if (type !== undefined) assets.set(`/assets/${name}`, { type, body: readFileSync(path.join(folder, 'assets', name)) });
  }
  return { page: { type: 'text/html; charset=utf-8', body: readFileSync(page) }, assets };
}
