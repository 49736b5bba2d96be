import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { EngineUnderTest } from '../engine-under-test.js';
import { cpuOfThreads, inLanes, nowMs } from '../measuring.js';
import { dag7 } from '../plans.js';
import type { Figure, Scenario } from '../scenario.js';

const IN_FLIGHT = 200;

/** An event store in a process of its own. */
async function startStore(folder: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, ['dist/event-store-node.js', '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (esdb:\S+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the event store ended with ${code}`)));
  });
  return { child, url };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const secondsOf = (pid: number): number => cpuOfThreads(pid).reduce((sum, { seconds }) => sum + seconds, 0);

async function conflictsOf(engine: EngineUnderTest): Promise<number> {
  const text = await (await fetch(new URL('/metrics', engine.url))).text();
  return Number(/^lifeos_append_conflicts_total (\d+)/m.exec(text)?.[1]);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Runs of seven steps on these engines, in turn, each run followed at the node that it was submitted to. */
async function measureOn(
  name: string,
  engines: readonly EngineUnderTest[],
  store: number | undefined,
  scale: number,
): Promise<readonly Figure[]> {
  const round = (what: string, runs: number): Promise<void> =>
    inLanes(Math.ceil(runs * scale), IN_FLIGHT, (n) => engines[n % engines.length]!.run(dag7(`${name}-${what}-${n}`)));
  await round('warm', 1_000);
  const cpu = (): number => sum(engines.map((engine) => engine.cpu().all));
  const storeCpu = (): number => (store === undefined ? 0 : secondsOf(store));
  const conflicts = async (): Promise<number> => sum(await Promise.all(engines.map(conflictsOf)));
  const before = { cpu: cpu(), store: storeCpu(), conflicts: await conflicts() };
  const runs = Math.ceil(1_000 * scale);
  const began = nowMs();
  await round('run', 1_000);
  const seconds = (nowMs() - began) / 1_000;
  const perThousand = (value: number): number => (value / runs) * 1_000;
  const after = { cpu: cpu(), store: storeCpu(), conflicts: await conflicts() };
  const figures: Figure[] = [
    { name: `${name}: runs`, value: runs / seconds, unit: 'per s', higherIsBetter: true },
    { name: `${name}: CPU, engines`, value: perThousand(after.cpu - before.cpu), unit: 's per 1,000 runs' },
  ];
  if (store === undefined) return figures;
  return [
    ...figures,
    { name: `${name}: CPU, event store`, value: perThousand(after.store - before.store), unit: 's per 1,000 runs' },
    { name: `${name}: append conflicts`, value: perThousand(after.conflicts - before.conflicts), unit: 'per 1,000 runs' },
  ];
}

async function measureNodes(count: number, server: string, scale: number): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-store-'));
  const database = `lifeos_bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await onServer(server, `CREATE DATABASE ${database}`);
  const address = new URL(server);
  address.pathname = `/${database}`;
  const store = await startStore(folder);
  const environment = { DATABASE_URL: address.href, EVENTSTORE_URL: store.url, EVENTSTORE_ADAPTER: '' };
  const engines: EngineUnderTest[] = [];
  try {
    for (let n = 0; n < count; n++) engines.push(await EngineUnderTest.start(environment));
    return await measureOn(count === 1 ? 'one node' : `${count} nodes`, engines, store.child.pid, scale);
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    const ended = new Promise((resolve) => store.child.once('exit', resolve));
    store.child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    await onServer(server, `DROP DATABASE ${database} WITH (FORCE)`);
  }
}

/** One, two and three engines over an event store in a process of its own and a real PostgreSQL, beside the embedded defaults. */
export const nodes: Scenario = {
  name: 'nodes',
  what: 'runs of seven steps, 200 in flight, on one, two and three nodes over an event-store process and PostgreSQL (DATABASE_URL), beside the embedded engine',
  async measure(environment, { scale }) {
    const server = process.env['DATABASE_URL'];
    if (!server) {
      console.error('nodes: DATABASE_URL names no PostgreSQL server, so nothing is measured');
      return [];
    }
    const embedded = await EngineUnderTest.start(environment);
    const figures: Figure[] = [];
    try {
      figures.push(...(await measureOn('embedded', [embedded], undefined, scale)));
    } finally {
      await embedded.stop();
    }
    for (const count of [1, 2, 3]) figures.push(...(await measureNodes(count, server, scale)));
    return figures;
  },
};
