import { readdir } from 'node:fs/promises';
import { Command, Query } from '@nestjs/cqrs';
import { ApplicationModule } from '../../src/application/application.module.js';

const SOURCES = new URL('../../src/application/', import.meta.url);

/** Commands and questions, by name, with what their file has besides. */
async function asked(folder: string, isWanted: (file: string) => boolean): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (const file of (await readdir(new URL(folder, SOURCES))).filter(isWanted)) {
    const exported = (await import(`../../src/application/${folder}${file}`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      const prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
      if (prototype instanceof Command || prototype instanceof Query) found.set(name, exported);
    }
  }
  return found;
}

describe('the application module', () => {
  it.each([
    ['command', 'workflow/', (file: string) => file.endsWith('.command.ts')],
    ['question', 'queries/', () => true],
  ] as const)('has the handler of every %s', async (_, folder, isWanted) => {
    const provided = Reflect.getMetadata('providers', ApplicationModule) as readonly unknown[];
    const all = await asked(folder, isWanted);
    expect(all.size).toBeGreaterThan(4);
    const missing = [...all].filter(([name, exported]) => !provided.includes(exported[`${name}Handler`] ?? name)).map(([name]) => name);
    expect(missing).toEqual([]);
  });
});
