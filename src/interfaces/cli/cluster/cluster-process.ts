import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a process is to be started, and what is said of it. */
export interface ProcessSettings {
  readonly name: string;
  /** Of this same program. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Takes each line that it prints. */
  readonly say: (line: string) => void;
}

/** A process of the cluster: this program again, with another command. */
export class ClusterProcess {
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
  private isRunning = true;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    say: (line: string) => void,
  ) {
    for (const output of [child.stdout!, child.stderr!]) createInterface({ input: output }).on('line', say);
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.isRunning = false;
        resolve(how);
      };
      child.once('error', (error) => end(error.message));
      // Not "exit": what it said last is still to be printed.
      child.once('close', (code, signal) => end(signal ?? `code ${code}`));
    });
  }

  static start({ name, args, environment, say }: ProcessSettings): ClusterProcess {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl+C goes to all processes of a terminal's group: the store must not go before the nodes have told it that they leave.
      detached: true,
    });
    return new ClusterProcess(name, child, say);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async stop(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGTERM');
    await this.ended;
  }

  /** At once, whatever it does. */
  kill(): void {
    if (this.isRunning) this.child.kill('SIGKILL');
  }
}
