import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

function packageFile(from: string): string {
  const file = path.join(from, 'package.json');
  return existsSync(file) ? file : packageFile(path.dirname(from));
}

/** The version of this engine, by the package that this file is in, as source and as built. */
export const ENGINE_VERSION = (JSON.parse(readFileSync(packageFile(import.meta.dirname), 'utf8')) as { version: string }).version;
