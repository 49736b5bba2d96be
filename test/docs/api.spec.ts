import { readFile } from 'node:fs/promises';
import { PROBLEM_STATUS } from '../../src/interfaces/http/problems/problem-codes.js';

const documentOf = (name: string): Promise<string> => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/api.md', () => {
  it('lists every problem code under its status, and no other', async () => {
    const rows = [...(await documentOf('api.md')).matchAll(/^\| (\d{3}) \| (.*) \|$/gm)];
    const listed = rows.flatMap(([, status, codes]) => [...codes!.matchAll(/`([^`]+)`/g)].map(([, code]) => [code, Number(status)]));
    expect(Object.fromEntries(listed)).toEqual(PROBLEM_STATUS);
  });

  it('tells of every path of the API', async () => {
    const [prose, { paths }] = [
      await documentOf('api.md'),
      JSON.parse(await documentOf('openapi.json')) as { paths: Record<string, object> },
    ];
    const told = Object.keys(paths).filter(
      (path) => !prose.includes(path) && !prose.includes(`**\`${path.replace('/api/workflows/{id}', '')}`),
    );
    expect(told).toEqual([]);
  });
});
