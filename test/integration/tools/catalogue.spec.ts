import { readdir } from 'node:fs/promises';
import { CATALOGUE } from '../../../src/infrastructure/tools/catalogue.js';

describe('the catalogue of tools', () => {
  it('has every connector that there is a file of', async () => {
    const files = await readdir(new URL('../../../src/infrastructure/tools/connectors/', import.meta.url));
    const exported = await Promise.all(
      files.map(async (file) =>
        Object.values((await import(`../../../src/infrastructure/tools/connectors/${file}`)) as Record<string, unknown>),
      ),
    );
    const missing = files.filter((_, index) => !exported[index]!.some((value) => (CATALOGUE as readonly unknown[]).includes(value)));
    expect(missing).toEqual([]);
  });

  it('names each tool in its own way', () => {
    const names = CATALOGUE.map(({ manifest }) => manifest.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});
