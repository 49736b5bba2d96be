import { readFile } from 'node:fs/promises';
import { RuleBasedPlanner } from '../../src/infrastructure/planners/rule-based/rule-based.planner.js';

const planner = new RuleBasedPlanner();
const answer = (intent: string) => planner.plan({ intent, timeZone: 'UTC', submittedAt: '2026-02-14T10:00:00.000Z' });
const examplesIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, example]) => example!);

describe('docs/planner.md', () => {
  it('has examples that are understood, and examples that are refused with the code it names', async () => {
    const text = await readFile(new URL('../../docs/planner.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| (?!what|wish|-)(.*) \|$/gm)].map(([, row]) => row!.split(' | '));
    const [understood, refused] = [rows.filter(({ length }) => length === 2), rows.filter(({ length }) => length === 3)];
    expect([understood.length, refused.length]).toEqual([4, 8]);
    for (const example of [...understood.flatMap(([, cell]) => examplesIn(cell!)), ...examplesIn(/^Text of your own.*$/m.exec(text)![0])])
      expect({ example, ...(await answer(example)) }).toMatchObject({ example, kind: 'plan' });
    for (const [, cell, code] of refused) {
      // "…" stands for the rest of a wish.
      for (const example of examplesIn(cell!)) {
        const intent = example.includes('…') || !example.includes(' ') ? `gym 3x this week ${example}` : example;
        expect({ example, ...(await answer(intent)) }).toMatchObject({ example, code: examplesIn(code!)[0] });
      }
    }
  });
});
