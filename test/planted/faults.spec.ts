import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { occurrences, PLANTED_FAULTS } from './faults.js';

describe('the list of planted faults', () => {
  it.each(PLANTED_FAULTS.map((fault) => [fault.name, fault] as const))(
    'has a text that is there exactly once, and specs that exist: %s',
    async (_name, fault) => {
      expect(occurrences(await readFile(fault.file, 'utf8'), fault)).toBe(1);
      expect(fault.specs.filter((spec) => !existsSync(spec))).toEqual([]);
    },
  );

  it('names each fault once', () => {
    expect(new Set(PLANTED_FAULTS.map(({ name }) => name)).size).toBe(PLANTED_FAULTS.length);
  });
});
