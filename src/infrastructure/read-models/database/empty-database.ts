import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** An initialised database without tables, which the build leaves beside the compiled program (empty-database.build.ts). */
export const EMPTY_DATABASE = fileURLToPath(new URL('./empty-database', import.meta.url));

/**
 * Makes a database folder that does not exist yet by copying the build's. Where there is none (the program runs from its sources), nothing is done, and
 * PGlite initialises the folder when it opens it: seconds of computing, and hundreds of megabytes that it does not give back.
 */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  if (!existsSync(EMPTY_DATABASE)) return;
  // Under its own name only once it is whole: a start that is killed in between leaves nothing that looks like a database.
  const inTheMaking = `${folder}.in-the-making`;
  await rm(inTheMaking, { recursive: true, force: true });
  await cp(EMPTY_DATABASE, inTheMaking, { recursive: true });
  await rename(inTheMaking, folder);
}
