import { spawn } from 'node:child_process';
import path from 'node:path';

import type { SourceCopy } from './source-copy.js';

/** A test that hangs because of a fault has failed after this long, where it names no time of its own, in milliseconds. */
const TEST_LIMIT_MS = 30_000;

export type Outcome =
  | { readonly kind: 'passed' }
  /** With the test that failed first. */
  | { readonly kind: 'failed'; readonly by: string }
  | { readonly kind: 'too late' };

/** Runs specs of a copy with the repository's own settings, up to the first failure. */
export function runSpecs({ folder, temporary }: SourceCopy, specs: readonly string[], limitMs: number, tests?: string): Promise<Outcome> {
  const jest = path.join(folder, 'node_modules/jest/bin/jest.js');
  const reporters = [`--reporters=${path.join(folder, 'test/planted/first-failure.mjs')}`, '--reporters=default'];
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--rootDir', folder, ...reporters, '--runTestsByPath', ...specs];
  args.push(`--testTimeout=${TEST_LIMIT_MS}`, ...(tests === undefined ? [] : ['-t', tests]));
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its workers end with it.
    detached: true,
  });
  const end = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  return new Promise((resolve, reject) => {
    let said = '';
    let outcome: Outcome | undefined;
    const late = setTimeout(() => {
      outcome ??= { kind: 'too late' };
      end();
    }, limitMs);
    const hear = (bytes: Buffer): void => {
      said += bytes.toString();
      const failure = /^FIRST FAILURE (.+)$/m.exec(said);
      if (!failure || outcome) return;
      outcome = { kind: 'failed', by: failure[1]! };
      end();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      end();
      resolve(outcome ?? (code === 0 ? { kind: 'passed' } : { kind: 'failed', by: said.trim().split('\n').slice(-12).join('\n') }));
    });
  });
}
