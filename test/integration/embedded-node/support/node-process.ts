import { spawn, type ChildProcess } from 'node:child_process';

/** The compiled node in a process of its own. */
export class NodeProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(dataDir: string): Promise<NodeProcess> {
    const args = ['dist/cli.js', 'eventstore', '--port', '0', '--data', dataDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the node ended: ${output}`)));
      child.stdout.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        const found = /listening on (esdb:\S+)/.exec(output);
        if (found) resolve(found[1]!);
      });
    });
    return new NodeProcess(child, url);
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
