import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { until } from '@lifeos/test-support';

const BUILT = path.resolve('dist/empty-database');
/** In the folder of this run of the tests (test/run/folder.setup.mjs), which all its workers share. */
const PREPARED = path.join(tmpdir(), 'prepared-database');

/** Made by the first who needs it; the others wait for it. */
async function prepare(): Promise<void> {
  try {
    await mkdir(`${PREPARED}.made-by-somebody`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return until('the prepared database', () => existsSync(PREPARED));
  }
  const inTheMaking = `${PREPARED}.in-the-making`;
  const database = await PGlite.create(inTheMaking);
  await database.close();
  await rename(inTheMaking, PREPARED);
}

/** A folder with a database that is initialised and has no tables: the build's, or else one of this run. Initialising one takes seconds of computing. */
export async function emptyDatabase(): Promise<string> {
  if (existsSync(BUILT)) return BUILT;
  if (!existsSync(PREPARED)) await prepare();
  return PREPARED;
}

/** A temporary data folder whose embedded database is a copy of the empty one. */
export async function preparedFolder(): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'prepared-'));
  await cp(await emptyDatabase(), path.join(dataDir, 'read-models'), { recursive: true });
  return dataDir;
}
