#!/usr/bin/env node
// Runs the `lifeos` program; from a source checkout it builds it first where the sources are newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const entry = path.join(root, 'dist', 'cli.js');
const stamp = path.join(root, 'dist', '.built');
const inputs = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', '.swcrc'].map((name) =>
  path.join(root, name),
);

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
  const nest = path.join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const build = spawnSync(process.execPath, [nest, 'build'], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}\nlifeos: the build failed\n`);
    process.exit(1);
  }
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
}
if (process.argv[2] !== 'build') await import(pathToFileURL(entry).href);
