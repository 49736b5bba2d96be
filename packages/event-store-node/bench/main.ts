import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Command } from 'commander';
import { NodeProcess } from '../test/support/node-process.js';
import { flushRate } from './flush-rate.js';
import { secondsOf } from './measuring.js';
import * as workloads from './workloads.js';

interface Options {
  readonly seconds: string;
  readonly events: string;
  readonly large: string;
  readonly only?: string;
  readonly url?: string;
}

const { seconds, events, large, only, url } = new Command('bench:event-store')
  .description('measures the embedded node, in a process of its own, through the official client: one client process, events of 200 bytes')
  .option('--seconds <number>', 'duration of each append workload', '5')
  .option('--events <number>', 'events read, followed and consumed', '100000')
  .option('--large <number>', 'events in the log whose opening is timed; 0: not timed', '1000000')
  .option('--only <text>', 'only what has this text in its name')
  .option('--url <url>', 'measure a server that runs already')
  .parse()
  .opts<Options>();

const folder = mkdtempSync(join(tmpdir(), 'bench-event-store-'));
const milliseconds = Number(seconds) * 1_000;
const count = Number(events);

/** Resident set of a process: its own memory, and the pages of the log that the system keeps mapped for it and can take back. */
function memoryOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [own, mapped] = ['RssAnon', 'RssFile'].map((key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
  return `${own!.toFixed(0)} MiB of its own, ${mapped!.toFixed(0)} MiB of files mapped`;
}

const flushes = flushRate(folder, 2_000);
console.log(`flushes of the disk: ${flushes.toFixed(0)}/s (4 KiB each, one after another)`);

const report = (name: string, text: string): void => console.log(`${name.padEnd(58)} ${text}`);
const rate = (perSecond: number): string =>
  `${perSecond.toFixed(0).padStart(8)} events/s  ${(perSecond / flushes).toFixed(2).padStart(8)} per flush`;

async function measure(name: string, work: () => Promise<string>): Promise<void> {
  if (only === undefined || name.includes(only)) report(name, await work());
}

async function openingOf(node: NodeProcess | undefined): Promise<string> {
  const before = await secondsOf(async () => (node = await NodeProcess.start(folder)));
  const answer = `${before.toFixed(2)} s, ${memoryOf(node!.pid)}`;
  await node!.stop();
  return answer;
}

const node = url === undefined ? await NodeProcess.start(folder) : undefined;
const client = EventStoreDBClient.connectionString(url ?? node!.url);
if (node) report('memory of the node, nothing done yet', memoryOf(node.pid));

for (const [inFlight, perAppend] of [
  [1, 1],
  [1, 10],
  [200, 1],
  [50, 10],
  [200, 10],
] as const) {
  await measure(`append, ${inFlight} in flight, ${perAppend} event(s) each`, async () =>
    rate(await workloads.appends(client, inFlight, perAppend, milliseconds)),
  );
}
const stream = `filled-${Date.now()}`;
await workloads.fill(client, stream, count);
await measure('read a stream', async () => rate(await workloads.streamRead(client, stream, count)));
await measure('read $all', async () => rate(await workloads.allRead(client, count)));
await measure('catch-up subscription to a stream', async () => rate(await workloads.catchUp(client, stream, count)));
await measure('append to live subscriber', async () => {
  const { p50, p99 } = await workloads.liveLatency(client, 2_000);
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (a flush takes ${(1_000 / flushes).toFixed(2)} ms)`;
});
await measure('persistent subscription, each event acknowledged', async () =>
  rate(await workloads.acknowledged(client, stream, Math.min(count, 50_000))),
);
if (node) {
  report('memory of the node, after all that', memoryOf(node.pid));
  if (Number(large) > 0 && (only === undefined || 'start-up'.includes(only))) {
    await workloads.fill(client, 'large', Number(large));
    report(`memory of the node, ${large} events more`, memoryOf(node.pid));
  }
}
await node?.stop();
if (node && Number(large) > 0) await measure(`start-up with ${large} events`, () => openingOf(undefined));
rmSync(folder, { recursive: true });
// The client's own dispose() waits for ever for a read that was left before its end.
process.exit();
