#!/usr/bin/env node
// Runs the `lifeos` program; from a source checkout it builds it first where the sources are newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const entry = path.join(root, 'dist', 'cli.js');
const stamp = path.join(root, 'dist', '.built');
const inputs = ['src', 'packages', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.js'].map((name) =>
  path.join(root, name),
);
const steps = [
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit'],
  ['node_modules/rolldown/bin/cli.mjs', '--config', 'rolldown.config.js', '--logLevel', 'warn'],
  ['dist/empty-database.build.js'],
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
    const step = spawnSync(process.execPath, [path.join(root, program), ...args], { cwd: root, encoding: 'utf8' });
    if (step.status !== 0) {
      process.stderr.write(`${step.stdout}${step.stderr}\nlifeos: the build failed\n`);
      process.exit(1);
    }
  }
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
}
if (process.argv[2] !== 'build') await import(pathToFileURL(entry).href);
