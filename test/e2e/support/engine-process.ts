import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparedFolder } from '../../integration/read-models/support/prepared-database.js';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CLI = path.join(ROOT, 'dist', 'cli.js');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();

// A failed test leaves its processes behind; they would keep the runner from ending.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A `lifeos` process of the compiled program. */
export class LifeosProcess {
  output = '';
  readonly exited: Promise<Exit>;
  /** Resolves when nobody holds its output any more: it and the processes it started have ended. */
  readonly closed: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    running.add(child);
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
    this.exited = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      }),
    );
  }

  static start(args: readonly string[], environment: Readonly<Record<string, string>>, input?: string): LifeosProcess {
    return LifeosProcess.startProgram(CLI, args, environment, input);
  }

  static startProgram(file: string, args: readonly string[], environment: Readonly<Record<string, string>>, input?: string): LifeosProcess {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    if (input !== undefined) child.stdin!.end(input);
    return new LifeosProcess(child);
  }

  /** Starts it as a user would, with an npm script. */
  static startWithNpm(script: string, environment: Readonly<Record<string, string>>): LifeosProcess {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...environment };
    return new LifeosProcess(spawn('npm', ['run', '--silent', script], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until the output matches; fails with the output when the process ends first. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      const more = new Promise<'more'>((resolve) => {
        const listener = (): void => resolve('more');
        this.child.stdout!.once('data', listener);
        this.child.stderr!.once('data', listener);
      });
      if ((await Promise.race([more, this.exited])) !== 'more' && !pattern.test(this.output)) {
        throw new Error(`the process ended without saying ${String(pattern)}:\n${this.output}`);
      }
    }
  }
}

export interface ServedEngine {
  readonly process: LifeosProcess;
  readonly url: string;
}

/** Starts a server on a free port and waits until it is ready. @param program another one than `lifeos serve` */
export async function serveEngine(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  program: string = CLI,
): Promise<ServedEngine> {
  const process = LifeosProcess.startProgram(program, ['serve'], { PORT: '0', LIFEOS_DATA_DIR: dataDir, NO_COLOR: '1', ...environment });
  const url = (await process.says(/is ready: (http:\/\/\S+)/))[1]!;
  return { process, url };
}

/** An engine on a folder of its own for all tests of a block. */
export function engineForTests(environment: Readonly<Record<string, string>> = {}): { readonly url: string; readonly dataDir: string } {
  let dataDir: string;
  let engine: ServedEngine;
  beforeAll(async () => {
    dataDir = await preparedFolder();
    engine = await serveEngine(dataDir, environment);
  });
  afterAll(async () => {
    await stopEngine(engine);
    await removeFolder(dataDir);
  });
  return {
    get url() {
      return engine.url;
    },
    get dataDir() {
      return dataDir;
    },
  };
}

export const temporaryFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'lifeos-test-'));

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

export async function stopEngine({ process }: ServedEngine): Promise<Exit> {
  process.kill('SIGTERM');
  return process.exited;
}
