import { spawn, type ChildProcess } from 'node:child_process';

export interface NodeProcessOptions {
  /** Largest file that the process may write, in KiB. */
  readonly fileKib?: number;
}

/** The compiled node in a process of its own. */
export class NodeProcess {
  /** Settles when the process ends; null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
  /** What it said on stderr. */
  errors = '';
  url = '';

  private constructor(private readonly child: ChildProcess) {
    this.exitCode = new Promise((resolve) => child.once('exit', resolve));
    child.stderr!.on('data', (bytes: Buffer) => (this.errors += bytes.toString()));
  }

  static async start(dataDir: string, { fileKib }: NodeProcessOptions = {}): Promise<NodeProcess> {
    const args = [process.execPath, 'dist/event-store-node.js', '--port', '0', '--data', dataDir];
    const [command, ...rest] = fileKib === undefined ? args : ['bash', '-c', `ulimit -f ${fileKib}; exec "$@"`, 'limited', ...args];
    const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const node = new NodeProcess(child);
    let output = '';
    node.url = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the node ended: ${output}${node.errors}`)));
      child.stdout.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        const found = /listening on (esdb:\S+)/.exec(output);
        if (found) resolve(found[1]!);
      });
    });
    return node;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exitCode;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exitCode;
  }
}
