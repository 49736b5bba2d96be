import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LifeosProcess, ROOT } from './support/engine-process.js';

describe('the version', () => {
  it.each(['--version', '-V'])('is printed by %s alone, and is that of the package', async (flag) => {
    const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const lifeos = LifeosProcess.start([flag], {});
    expect(await lifeos.exited).toEqual({ code: 0, signal: null });
    await lifeos.closed;
    expect(lifeos.output).toBe(`${version}\n`);
  });
});
