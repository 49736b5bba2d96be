#!/usr/bin/env node
// Runs the `lifeos` program; from a source checkout it builds it first where the sources are newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const entry = path.join(root, 'dist', 'cli.js');
const stamp = path.join(root, 'dist', '.built');
const inputs = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', '.swcrc'].map((name) => path.join(root, name));
// What nest-cli.json asks of `nest build`: check the types, then compile into an empty folder. The Nest CLI itself does not start on every Node that the engine supports.
const steps = [
  ['typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit'],
  ['@swc/cli/bin/swc.js', 'src', '--out-dir', 'dist', '--strip-leading-paths', '--delete-dir-on-start', '--quiet'],
];

function newest(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

const isCheckout = existsSync(path.join(root, 'src'));
const builtAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (isCheckout && Math.max(...inputs.map(newest)) > builtAt) {
  const startedAt = new Date();
  for (const [program, ...args] of steps) {
    const step = spawnSync(process.execPath, [path.join(root, 'node_modules', program), ...args], { cwd: root, encoding: 'utf8' });
    if (step.status !== 0) {
      process.stderr.write(`${step.stdout}${step.stderr}\nlifeos: the build failed\n`);
      process.exit(1);
    }
  }
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
}
if (process.argv[2] !== 'build') await import(pathToFileURL(entry).href);
