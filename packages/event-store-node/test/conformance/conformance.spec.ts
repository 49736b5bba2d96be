import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeProcess } from '../support/node-process.js';

/** Parts of the record by the areas of their scenarios; each has a node of its own, for a run wants an idle one. Most of the time goes by in waiting. */
const PARTS = [
  ['writing', '^(append|append edge|idempotence|batch|delete|tombstone|metadata|handshake|client)/'],
  ['reading', '^(read|all|links|subscribe|subscribe all)/'],
  ['filters and groups', '^(subscribe filter|checkpoints|group|group all|strategy)/'],
  ['consumers', '^(consume|consume all)/'],
  ['checkpoints and retries', '^(checkpoint|park|retry)/'],
] as const;

const FOLDER = 'packages/event-store-node/test/conformance';

interface Comparison {
  readonly passed: number;
  readonly deviating: number;
  /** Scenarios that are answered in another way, and what was printed of them. */
  readonly differing: readonly string[];
  readonly output: string;
}

/** Compares a node with the record, as the program's own user would. */
async function compare(url: string, only: string, slack: number): Promise<Comparison> {
  const files = ['--golden', `${FOLDER}/golden.json`, '--deviations', `${FOLDER}/deviations.json`];
  const child = spawn(process.execPath, [`${FOLDER}/run.mjs`, 'compare', '--url', url, '--only', only, '--slack', String(slack), ...files]);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  const total = /^(\d+) passed, \d+ failed$/m.exec(output);
  if (!total) throw new Error(`the comparison did not end: ${output}`);
  const differing = [...output.matchAll(/^differs  (.+?)   \(/gm)].map(([, name]) => name!);
  return { passed: Number(total[1]), deviating: output.match(/^deviates /gm)?.length ?? 0, differing, output };
}

const exactly = (names: readonly string[]): string => `^(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;

/** Factors of the scenarios' waits, one after the other. */
const PATIENCE = [1, 3, 10];

/** Scenarios wait for moments, which a busy machine may miss: what differs is asked again, by itself and with more patience. */
async function comparePatiently(url: string, only: string, [slack = 1, ...more] = PATIENCE): Promise<Comparison> {
  const found = await compare(url, only, slack);
  if (found.differing.length === 0 || more.length === 0) return found;
  const again = await comparePatiently(url, exactly(found.differing), more);
  return { ...again, passed: found.passed + again.passed, deviating: found.deviating + again.deviating };
}

const json = async (file: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path.join(FOLDER, file), 'utf8')) as Record<string, unknown>;

describe('the embedded node answers as the recorded EventStoreDB did', () => {
  const found: Comparison[] = [];

  it.concurrent.each(PARTS)(
    '%s',
    async (_, only) => {
      const dataDir = await mkdtemp(path.join(tmpdir(), 'conformance-'));
      const node = await NodeProcess.start(dataDir);
      try {
        const comparison = await comparePatiently(node.url, only);
        found.push(comparison);
        expect(comparison.differing.length > 0 ? comparison.output : '').toBe('');
      } finally {
        await node.kill();
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    600_000,
  );

  it('in every scenario but the deviations, which are few and have reasons', async () => {
    const { scenarios } = await json('golden.json');
    const deviations = await json('deviations.json');
    const sum = (count: (comparison: Comparison) => number): number => found.reduce((all, one) => all + count(one), 0);
    expect(sum(({ deviating }) => deviating)).toBe(Object.keys(deviations).length);
    expect(sum(({ passed, deviating }) => passed + deviating)).toBe(Object.keys(scenarios as object).length);
    expect(Object.keys(deviations).length).toBeLessThanOrEqual(20);
  });
});
