import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Flushes of one 4 KiB page that the disk under `folder` makes per second, one after another. */
export function flushRate(folder: string, milliseconds: number): number {
  const path = join(folder, 'flush-rate.tmp');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  try {
    const begun = performance.now();
    let flushes = 0;
    for (; performance.now() - begun < milliseconds; flushes++) {
      writeSync(file, page, 0, page.length, (flushes % 256) * page.length);
      fdatasyncSync(file);
    }
    return flushes / ((performance.now() - begun) / 1_000);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
