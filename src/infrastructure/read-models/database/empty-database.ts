import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** An initialised database without tables, which the build leaves beside the compiled program (empty-database.build.ts). Not there where it runs from its sources. */
export const EMPTY_DATABASE = fileURLToPath(new URL('./empty-database', import.meta.url));

/**
 * Makes a database folder by copying an initialised one, so that PGlite need not initialise it when it opens it: seconds of computing, and hundreds of
 * megabytes that it does not give back. Does nothing where there is none to copy.
 */
export async function copyEmptyDatabase(initialised: string, folder: string): Promise<void> {
  if (!existsSync(initialised)) return;
  // Under its own name only once it is whole: a start that is killed in between leaves nothing that looks like a database.
  const inTheMaking = `${folder}.in-the-making`;
  await rm(inTheMaking, { recursive: true, force: true });
  await cp(initialised, inTheMaking, { recursive: true });
  await rename(inTheMaking, folder);
}
