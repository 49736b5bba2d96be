import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { programOf } from '@lifeos/test-support';
import { SETTINGS } from '../../src/infrastructure/config/environment.js';
import { engineForTests } from './support/engine-process.js';
import { ask, eventually, type ApprovalDto } from './support/http.js';

const run = promisify(execFile);

const STARTED = /event: workflow_started/;

const readme = (): Promise<string> => readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The commands of all shell blocks; a command may span lines inside quotes. */
function curlCommands(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/```bash\n([\s\S]*?)```/g)].map((match) => match[1]!);
  return blocks.flatMap((block) => block.split(/\n(?=curl )/)).filter((command) => command.startsWith('curl '));
}

/** Reads until it has seen enough, as a reader would who then presses Ctrl+C; ends with the command, if that ends first. */
async function readUntil(enough: RegExp, command: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${command}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (enough.test(text)) child.kill('SIGINT');
  });
  await ended;
  return text;
}

describe('the README', () => {
  const engine = engineForTests();
  it('has only curl lines that work as they stand', async () => {
    const commands = curlCommands(await readme());
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      const text = command.trim().replaceAll('http://localhost:8000', engine.url).replace(/^curl/, 'curl -sS --fail-with-body');
      // A stream goes on for as long as its run, or for ever.
      if (command.includes('/stream')) expect(await readUntil(STARTED, text)).toMatch(STARTED);
      else expect(JSON.parse((await run('bash', ['-c', text])).stdout)).toBeTruthy();
      if (command.includes('submit?')) {
        await eventually(
          () => ask<ApprovalDto[]>(engine.url, 'GET', '/api/approvals/workflow/1'),
          ({ body }) => Array.isArray(body) && body.length === 2,
        );
      }
    }
  });

  it('shows a tool that works as it stands', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await readme())![1]!;
    const program = await programOf(`${example.replaceAll(`'../`, `'src/infrastructure/tools/`)}
      import { Outbox } from 'src/infrastructure/tools/outbox.js';
      import { ToolRegistry } from 'src/infrastructure/tools/tool-registry.js';
      const registry = new ToolRegistry([noteSave], { outbox: new Outbox(${JSON.stringify(path.join(engine.dataDir, 'example'))}), clock: { now: Date.now } });
      const args = { title: 'Flat', text: 'Ask Anna' };
      const call = { tool: 'note_save', args, idempotencyKey: 'run 1, step 1', attempt: 1, signal: new AbortController().signal };
      console.log(JSON.stringify([await registry.call(call), registry.checkArgs('note_save', {})]));`);
    const { stdout } = await run(process.execPath, [program]);
    const [outcome, problem] = JSON.parse(stdout) as [{ kind: string; output: { outbox_file: string } }, string];
    expect(outcome.kind).toBe('success');
    expect(await readFile(path.join(engine.dataDir, 'example', outcome.output.outbox_file), 'utf8')).toBe('# Flat\n\nAsk Anna\n');
    expect(problem).toMatch(/title/);
  });

  it('lists every setting with what it takes', async () => {
    const text = await readme();
    for (const [name, { takes }] of Object.entries(SETTINGS))
      expect(text).toMatch(new RegExp(`\\| \`${name}\` \\|[^|]*\\| ${takes.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\|`));
  });
});
