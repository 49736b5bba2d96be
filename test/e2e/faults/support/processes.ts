import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../support/engine-process.js';

/** More than these tests ever have at once. */
const MOST_PROCESSES = 100;
/** Kept of what a process said. */
const LAST_SAID = 20_000;

const running = new Set<ChildProcess>();

/** Ends what a failed test left. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Builds the engine with the tools of these tests, once for each run of them. */
export async function buildEngine(): Promise<string> {
  const rolldown = path.join(ROOT, 'node_modules/rolldown/bin/cli.mjs');
  await promisify(execFile)(process.execPath, [rolldown, '--config', 'rolldown.faults.config.js'], { cwd: ROOT });
  const program = path.join(ROOT, 'dist-faults', 'engine.process.js');
  if (!existsSync(program)) throw new Error(`${program} was not built`);
  return program;
}

/** A process that is killed, stopped and started again. */
export class Victim {
  said = '';
  readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    running.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said = (this.said + text).slice(-LAST_SAID)));
    this.ended = new Promise((resolve) =>
      child.once('close', () => {
        running.delete(child);
        resolve();
      }),
    );
  }

  /** @param fileKib largest file that it may write, in KiB */
  static start(program: readonly string[], environment: Readonly<Record<string, string>>, fileKib?: number): Victim {
    if (running.size >= MOST_PROCESSES) throw new Error(`${running.size} processes are running already`);
    const args = [process.execPath, ...program];
    const [command, ...rest] = fileKib === undefined ? args : ['bash', '-c', `ulimit -f ${fileKib}; exec "$@"`, 'limited', ...args];
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...environment };
    return new Victim(spawn(command!, rest, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }));
  }

  get isRunning(): boolean {
    return running.has(this.child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** How large a file it may write from now on, in KiB: beyond that it is as where the disk is full. */
  async limitFiles(kib: number | 'unlimited'): Promise<void> {
    const soft = kib === 'unlimited' ? kib : kib * 1_024;
    if (this.isRunning) await promisify(execFile)('prlimit', ['--pid', String(this.pid), `--fsize=${soft}:unlimited`]);
  }

  /** Tells it something that it is to answer with the same. Resolves then, or when it has ended. */
  async tell(message: object): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      const listen = (answer: unknown): void => {
        if (JSON.stringify(answer) !== JSON.stringify(message)) return;
        this.child.off('message', listen);
        resolve();
      };
      this.child.on('message', listen);
    });
    // It may end meanwhile.
    this.child.send(message, () => undefined);
    await Promise.race([answered, this.ended]);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }

  /** What it says by then; undefined where it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = pattern.exec(this.said);
      if (found) return found;
      if (!this.isRunning) return undefined;
      await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
  }
}
