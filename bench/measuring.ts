import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** Milliseconds that one page takes to be written and flushed, one after another: the floor under everything that is durable. */
export function flushMs(folder: string, rounds = 300): number {
  const file = path.join(folder, 'flush.tmp');
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4_096, 1);
  const times: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const began = nowMs();
      writeSync(descriptor, page, 0, page.length, (round % 256) * page.length);
      fdatasyncSync(descriptor);
      times.push(nowMs() - began);
    }
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
  return percentile(times, 50);
}

/** Clock ticks of the kernel per second, on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds of each thread of a process so far: the main thread first, then those that used most. Linux only. */
export function cpuOfThreads(pid: number): readonly { readonly thread: string; readonly seconds: number }[] {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { thread, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
  });
  const isMain = (thread: string): number => (thread === String(pid) ? 1 : 0);
  return threads.sort((a, b) => isMain(b.thread) - isMain(a.thread) || b.seconds - a.seconds);
}

/** MiB that a process has in memory now, of which its own (without mapped files, which the system takes back when it needs to), and that it had at most. */
export function memoryOf(pid: number): { readonly now: number; readonly own: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  return { now: mib('VmRSS'), own: mib('RssAnon'), peak: mib('VmHWM') };
}

/** Does `count` pieces of work on so many lanes at once. */
export async function inLanes(count: number, lanes: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}
