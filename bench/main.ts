import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { flushMs } from './measuring.js';
import type { Figure, Scenario } from './scenario.js';
import { webConsole } from './scenarios/console.js';
import { fanOut, submissions } from './scenarios/interface.js';
import { nodes } from './scenarios/nodes.js';
import { approval, latency, throughput, wideRuns } from './scenarios/runs.js';
import { storedRuns } from './scenarios/stored-runs.js';

const SCENARIOS: readonly Scenario[] = [throughput, latency, approval, wideRuns, submissions, fanOut, storedRuns, nodes, webConsole];
const BASELINE = path.resolve('bench/baseline.json');
/** How much worse than the baseline a figure may be: machines are noisy, and so are runs on one. */
const ROOM = 1.6;

interface Options {
  readonly only?: string;
  readonly scale: string;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly baseline?: boolean;
}

const options = new Command('bench')
  .description('measures the engine, in a process of its own, through its API')
  .option('--only <names>', `only these, with commas between them: ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  .option('--scale <factor>', 'how much is done; less than 1 for a quick look', '1')
  .option('--json', 'prints JSON')
  .option('--check', 'fails where a figure is much worse than in bench/baseline.json')
  .option('--baseline', 'writes bench/baseline.json')
  .parse()
  .opts<Options>();

/** The embedded defaults, and beside them what the environment offers. */
function variants(): readonly (readonly [name: string, environment: NodeJS.ProcessEnv])[] {
  const { DATABASE_URL: database, EVENTSTORE_URL: store } = process.env;
  const none = { DATABASE_URL: '', EVENTSTORE_URL: '', EVENTSTORE_ADAPTER: '' };
  return [
    ['embedded', none],
    ['network adapter', { ...none, EVENTSTORE_ADAPTER: 'network' }],
    ...(database ? [['PostgreSQL', { ...none, DATABASE_URL: database }] as const] : []),
    ...(store ? [['event store server', { ...none, EVENTSTORE_URL: store }] as const] : []),
  ];
}

interface Measured extends Figure {
  readonly scenario: string;
  readonly variant: string;
}

/** A time as a multiple of the machine's own flush, a rate likewise: what can be compared between machines and runs. */
const comparable = ({ value, unit }: Figure, flush: number): number => {
  if (unit === 'ms') return value / flush;
  if (unit === 's') return (value * 1_000) / flush;
  return unit.endsWith('per s') ? (value * flush) / 1_000 : value;
};

async function measureAll(): Promise<readonly Measured[]> {
  const wanted = options.only?.split(',');
  const measured: Measured[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => !wanted || wanted.includes(name))) {
    // The others are compared where it says most.
    for (const [variant, environment] of scenario.name === 'dag7' ? variants() : variants().slice(0, 1)) {
      if (!options.json) console.log(`\n${scenario.name} (${variant}): ${scenario.what}`);
      for (const figure of await scenario.measure(environment, { scale: Number(options.scale) })) {
        measured.push({ ...figure, scenario: scenario.name, variant });
        if (!options.json)
          console.log(`  ${figure.name.padEnd(58)} ${figure.value.toFixed(figure.value < 10 ? 2 : 0).padStart(8)} ${figure.unit}`);
      }
    }
  }
  return measured;
}

const folder = mkdtempSync(path.join(tmpdir(), 'bench-flush-'));
const flush = flushMs(folder);
rmSync(folder, { recursive: true });
if (!options.json) console.log(`Node ${process.version}; a write and flush of 4 KiB takes ${flush.toFixed(3)} ms`);
const measured = await measureAll();
const key = ({ scenario, variant, name }: Measured): string => `${scenario} / ${variant} / ${name}`;
if (options.json) console.log(JSON.stringify({ node: process.version, flushMs: flush, figures: measured }, null, 1));
if (options.baseline) {
  const ratios = measured.map((figure) => [key(figure), Number(comparable(figure, flush).toPrecision(3))]);
  writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(ratios), null, 2)}\n`);
}
if (options.check) {
  const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Readonly<Record<string, number>>;
  const worse = measured.flatMap((figure) => {
    const expected = baseline[key(figure)];
    if (expected === undefined) return [];
    const ratio = comparable(figure, flush) / expected;
    const times = figure.higherIsBetter ? 1 / ratio : ratio;
    return times > ROOM ? [`${key(figure)}: ${times.toFixed(1)} times as bad as the baseline`] : [];
  });
  for (const line of worse) console.error(line);
  if (worse.length > 0) process.exitCode = 1;
}
