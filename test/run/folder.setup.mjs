import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Gives this run of the tests a temporary folder of its own, in which all its workers make theirs: what a failed test leaves goes with it. */
export default async function makeRunFolder() {
  process.env.TMPDIR = await mkdtemp(path.join(tmpdir(), 'lifeos-test-run-'));
}
